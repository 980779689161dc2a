package dev.holdfast.jmh;

import dev.holdfast.report.HtmlPage;
import dev.holdfast.report.Machine;
import dev.holdfast.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Writes an HTML page that compares the clients. */
final class ThroughputReport {
    private ThroughputReport() {}

    static void write(List<ClientResult> results, ThroughputOptions options, String[] arguments, Path file)
            throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "Command",
                "java -cp jmh/target/benchmarks.jar dev.holdfast.jmh.Throughput " + String.join(" ", arguments));
        facts.put("Against", "a discarding peer in a process of its own");
        facts.putAll(Machine.facts());
        String subtitle = text(
                "%,d-byte messages over one connection from one thread, window %,d; %d rounds, each client in a"
                        + " fresh JVM. Bars are medians, whiskers reach from the lowest to the highest round.",
                options.size(), options.window(), options.rounds());
        List<Report.Section> sections = List.of(
                bars("Messages a second", "More is better.", "%,.0f", results, ClientResult::perSecond),
                bars(
                        "CPU a message",
                        "\u00b5s of the whole process. Less is better.",
                        "%.3f \u00b5s",
                        results,
                        ClientResult::cpuMicros),
                bars("Heap a message", "Bytes allocated. Less is better.", "%,.1f B", results, ClientResult::heapBytes),
                table(results));
        HtmlPage.write(new Report("Confirmed publishes, client by client", subtitle, sections, facts), file);
    }

    private static Report.Bars bars(
            String title,
            String note,
            String format,
            List<ClientResult> results,
            Function<ClientResult, ClientResult.Spread> value) {
        return new Report.Bars(
                title,
                note,
                results.stream()
                        .map(result -> {
                            ClientResult.Spread spread = value.apply(result);
                            String shown = text(format, spread.median());
                            return new Report.Bar(
                                    label(result),
                                    spread.median(),
                                    shown,
                                    spread.low(),
                                    spread.high(),
                                    result.isHoldfast());
                        })
                        .toList());
    }

    private static Report.Table table(List<ClientResult> results) {
        return new Report.Table(
                "All numbers",
                List.of(
                        "Client, medians",
                        "msg/s",
                        "lowest",
                        "highest",
                        "CPU \u00b5s",
                        "Java threads \u00b5s",
                        "heap B"),
                results.stream()
                        .map(result -> List.of(
                                label(result),
                                text("%,.0f", result.perSecond().median()),
                                text("%,.0f", result.perSecond().low()),
                                text("%,.0f", result.perSecond().high()),
                                text("%.3f", result.cpuMicros().median()),
                                text("%.3f", result.threadMicros().median()),
                                text("%,.1f", result.heapBytes().median())))
                        .toList());
    }

    private static String label(ClientResult result) {
        return switch (result.client()) {
            case HOLDFAST_NIO -> "Holdfast, NIO";
            case HOLDFAST_EPOLL -> "Holdfast, epoll";
            case HOLDFAST_IO_URING -> "Holdfast, io_uring";
            case AMQP_CLIENT_SOCKET -> "amqp-client, sockets";
            case AMQP_CLIENT_NETTY -> "amqp-client, Netty";
            case CEILING -> "ceiling";
        };
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
