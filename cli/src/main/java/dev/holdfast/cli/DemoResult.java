package dev.holdfast.cli;

import dev.holdfast.cli.publish.PublishSummary;
import java.util.List;
import java.util.Locale;

/**
 * The counts of a demo run.
 *
 * @param cutAt after how many messages the connection was cut
 * @param connections how many connections the client opened in total
 * @param distinct how many distinct messages were consumed
 * @param duplicates how many further deliveries of the same messages were consumed
 * @param consumeSeconds how long consuming took
 */
record DemoResult(
        int port,
        int cutAt,
        long connections,
        PublishSummary published,
        long distinct,
        long duplicates,
        double consumeSeconds) {

    /** Whether every message was confirmed and consumed. */
    boolean complete() {
        return published.allConfirmed() && distinct == published.read();
    }

    /** Returns the result as text. */
    List<String> lines() {
        PublishSummary p = published;
        return List.of(
                line("broker     Apache Qpid Broker-J in this process, on 127.0.0.1:%d", port),
                line("published  %,d JSON messages, with confirms and retry", p.read()),
                line(
                        "cut        the connection after message %,d; %,d connections in total, %,d retries",
                        cutAt, connections, p.retried()),
                line(
                        "confirmed  %,d (%,d returned, %,d nacked, %,d failed, %,d unknown)"
                                + " in %.3f s: %,.0f messages/s",
                        p.confirmed(),
                        p.returned(),
                        p.nacked(),
                        p.failed(),
                        p.unknown(),
                        p.seconds(),
                        p.messagesPerSecond()),
                line(
                        "consumed   %,d different messages, %,d missing, in %.3f s",
                        distinct, p.read() - distinct, consumeSeconds),
                line(
                        "duplicates %,d%s",
                        duplicates,
                        duplicates == 0
                                ? ""
                                : " (published again: the connection was cut before their confirms arrived)"));
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
