package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.floor.Floor.FloorResult;
import dev.holdfast.jmh.load.Figures;
import dev.holdfast.jmh.load.Scenario;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Floors of the throughput and cost of publishing and consuming. */
final class PublishFloors {
    private static final double MIN_CONFIRMED_PER_SECOND = 5_000_000;
    private static final double MIN_TIMES_AMQP_CLIENT = 10;
    private static final double MIN_SHARE_OF_CEILING = 0.5;
    private static final double MAX_CPU_MICROS = 0.35;
    private static final double MAX_HEAP_BYTES = 32;
    private static final double MIN_SHARE_OF_CEILING_LARGE = 0.8;
    private static final double MIN_SHARE_OF_ONE_THREAD = 0.8;
    private static final double MIN_SHARE_OF_JACKSON = 0.75;
    private static final double MIN_TIMES_CONSUMING = 5;

    private final Trials trials;

    PublishFloors(Trials trials) {
        this.trials = trials;
    }

    List<FloorResult> confirmed() throws Exception {
        Medians medians = Medians.of(trials.discarding(scenarios(ClientType.available(), Task.PUBLISH)));
        Scenario fastest = medians.fastest("HOLDFAST");
        Figures best = medians.of(fastest);
        Scenario peer = medians.fastest("AMQP_CLIENT");
        double times = best.perSecond() / medians.of(peer).perSecond();
        double ofCeiling =
                best.perSecond() / medians.of(medians.fastest("CEILING")).perSecond();
        String subject = "confirmed publishes, window 10,000, " + fastest.client();
        return List.of(
                new FloorResult(
                        subject,
                        "5 million/s",
                        String.format("%,.0f/s", best.perSecond()),
                        best.perSecond() >= MIN_CONFIRMED_PER_SECOND),
                new FloorResult(
                        subject + " beside " + peer.client(),
                        "10 times",
                        String.format("%.1f times", times),
                        times >= MIN_TIMES_AMQP_CLIENT),
                new FloorResult(
                        subject + " beside the ceiling", "50 %", percent(ofCeiling), ofCeiling >= MIN_SHARE_OF_CEILING),
                new FloorResult(
                        "CPU per confirmed message",
                        "<= 0.35 us",
                        String.format("%.3f us", best.cpuMicros()),
                        best.cpuMicros() <= MAX_CPU_MICROS),
                new FloorResult(
                        "heap per confirmed message",
                        "<= 32 bytes",
                        String.format("%.1f bytes", best.heapBytes()),
                        best.heapBytes() <= MAX_HEAP_BYTES));
    }

    List<FloorResult> bodies() throws Exception {
        List<FloorResult> floors = new ArrayList<>();
        for (int size : new int[] {16 << 10, 256 << 10}) {
            List<ClientType> clients = Stream.concat(
                            ClientType.available("HOLDFAST").stream(), Stream.of(ClientType.CEILING))
                    .toList();
            List<Scenario> scenarios = scenarios(clients, Task.PUBLISH).stream()
                    .map(scenario -> scenario.size(size))
                    .toList();
            Medians medians = Medians.of(trials.discarding(scenarios));
            Scenario fastest = medians.fastest("HOLDFAST");
            double share = medians.of(fastest).perSecond()
                    / medians.of(medians.fastest("CEILING")).perSecond();
            String figure = String.format(
                    "%s, %,.0f MB/s", percent(share), medians.of(fastest).perSecond() * size / 1e6);
            floors.add(new FloorResult(
                    (size >> 10) + " KiB bodies beside the ceiling, " + fastest.client(),
                    "80 %",
                    figure,
                    share >= MIN_SHARE_OF_CEILING_LARGE));
        }
        return floors;
    }

    List<FloorResult> threads() throws Exception {
        List<Scenario> single = scenarios(ClientType.available("HOLDFAST"), Task.PUBLISH);
        List<Scenario> eight =
                single.stream().map(scenario -> scenario.threads(8)).toList();
        Medians medians = Medians.of(
                trials.discarding(Stream.concat(single.stream(), eight.stream()).toList()));
        double best = single.stream()
                .mapToDouble(scenario -> medians.of(scenario).perSecond())
                .max()
                .orElseThrow();
        Scenario fastest = eight.stream()
                .max(Comparator.comparingDouble(scenario -> medians.of(scenario).perSecond()))
                .orElseThrow();
        double share = medians.of(fastest).perSecond() / best;
        return List.of(new FloorResult(
                "8 threads on one connection beside one, " + fastest.client(),
                "80 %",
                String.format("%s, %,.0f/s", percent(share), medians.of(fastest).perSecond()),
                share >= MIN_SHARE_OF_ONE_THREAD));
    }

    List<FloorResult> json() throws Exception {
        List<Scenario> scenarios = new ArrayList<>(scenarios(ClientType.available("HOLDFAST"), Task.JSON));
        Scenario jackson = Scenario.of(ClientType.HOLDFAST_NIO, Task.JACKSON);
        scenarios.add(jackson);
        Medians medians = Medians.of(trials.discarding(scenarios));
        Scenario fastest = scenarios.stream()
                .filter(scenario -> scenario.task() == Task.JSON)
                .max(Comparator.comparingDouble(scenario -> medians.of(scenario).perSecond()))
                .orElseThrow();
        double share = medians.of(fastest).perSecond() / medians.of(jackson).perSecond();
        return List.of(new FloorResult(
                "publishAsync of a small JSON map beside Jackson alone, " + fastest.client(),
                "75 %",
                String.format("%s, %,.0f/s", percent(share), medians.of(fastest).perSecond()),
                share >= MIN_SHARE_OF_JACKSON));
    }

    List<FloorResult> consume() throws Exception {
        List<ClientType> clients = Stream.concat(
                        ClientType.available("HOLDFAST").stream(), ClientType.available("AMQP_CLIENT").stream())
                .toList();
        Medians medians = Medians.of(trials.discarding(scenarios(clients, Task.CONSUME)));
        Scenario fastest = medians.fastest("HOLDFAST");
        Scenario peer = medians.fastest("AMQP_CLIENT");
        double times = medians.of(fastest).perSecond() / medians.of(peer).perSecond();
        return List.of(new FloorResult(
                "consuming 100-byte deliveries, auto-ack, " + fastest.client() + " beside " + peer.client(),
                "5 times",
                String.format("%.1f times, %,.0f/s", times, medians.of(fastest).perSecond()),
                times >= MIN_TIMES_CONSUMING));
    }

    private static List<Scenario> scenarios(List<ClientType> clients, Task task) {
        return clients.stream().map(client -> Scenario.of(client, task)).toList();
    }

    private static String percent(double share) {
        return String.format("%.0f %%", share * 100);
    }
}
