package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.floor.Floor.Reached;
import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.jmh.load.Case;
import dev.holdfast.jmh.load.Figures;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a stream of messages must reach. */
final class PublishRows {
    private static final double CONFIRMED_PER_SECOND = 5_000_000;
    private static final double TIMES_AMQP_CLIENT = 10;
    private static final double OF_CEILING = 0.5;
    private static final double CPU_MICROS = 0.35;
    private static final double HEAP_BYTES = 32;
    private static final double OF_CEILING_LARGE = 0.8;
    private static final double OF_ONE_THREAD = 0.8;
    private static final double OF_JACKSON = 0.75;
    private static final double TIMES_CONSUMING = 5;

    private final Trials trials;

    PublishRows(Trials trials) {
        this.trials = trials;
    }

    List<Reached> confirmed() throws Exception {
        Medians medians = Medians.of(trials.discarding(cases(ClientType.available(), Task.PUBLISH)));
        Case fastest = medians.fastest("HOLDFAST");
        Figures best = medians.of(fastest);
        Case peer = medians.fastest("AMQP_CLIENT");
        double times = best.perSecond() / medians.of(peer).perSecond();
        double ofCeiling =
                best.perSecond() / medians.of(medians.fastest("CEILING")).perSecond();
        String who = "confirmed publishes, window 10,000, " + fastest.client();
        return List.of(
                new Reached(
                        who,
                        "5 million/s",
                        String.format("%,.0f/s", best.perSecond()),
                        best.perSecond() >= CONFIRMED_PER_SECOND),
                new Reached(
                        who + " beside " + peer.client(),
                        "10 times",
                        String.format("%.1f times", times),
                        times >= TIMES_AMQP_CLIENT),
                new Reached(who + " beside the ceiling", "50 %", percent(ofCeiling), ofCeiling >= OF_CEILING),
                new Reached(
                        "CPU per confirmed message",
                        "<= 0.35 us",
                        String.format("%.3f us", best.cpuMicros()),
                        best.cpuMicros() <= CPU_MICROS),
                new Reached(
                        "heap per confirmed message",
                        "<= 32 bytes",
                        String.format("%.1f bytes", best.heapBytes()),
                        best.heapBytes() <= HEAP_BYTES));
    }

    List<Reached> bodies() throws Exception {
        List<Reached> reached = new ArrayList<>();
        for (int size : new int[] {16 << 10, 256 << 10}) {
            List<ClientType> clients = Stream.concat(
                            ClientType.available("HOLDFAST").stream(), Stream.of(ClientType.CEILING))
                    .toList();
            List<Case> cases = cases(clients, Task.PUBLISH).stream()
                    .map(what -> what.size(size))
                    .toList();
            Medians medians = Medians.of(trials.discarding(cases));
            Case fastest = medians.fastest("HOLDFAST");
            double share = medians.of(fastest).perSecond()
                    / medians.of(medians.fastest("CEILING")).perSecond();
            String figure = String.format(
                    "%s, %,.0f MB/s", percent(share), medians.of(fastest).perSecond() * size / 1e6);
            reached.add(new Reached(
                    (size >> 10) + " KiB bodies beside the ceiling, " + fastest.client(),
                    "80 %",
                    figure,
                    share >= OF_CEILING_LARGE));
        }
        return reached;
    }

    List<Reached> threads() throws Exception {
        List<Case> one = cases(ClientType.available("HOLDFAST"), Task.PUBLISH);
        List<Case> eight = one.stream().map(what -> what.threads(8)).toList();
        Medians medians = Medians.of(
                trials.discarding(Stream.concat(one.stream(), eight.stream()).toList()));
        double best = one.stream()
                .mapToDouble(what -> medians.of(what).perSecond())
                .max()
                .orElseThrow();
        Case fastest = eight.stream()
                .max(Comparator.comparingDouble(what -> medians.of(what).perSecond()))
                .orElseThrow();
        double share = medians.of(fastest).perSecond() / best;
        return List.of(new Reached(
                "8 threads on one connection beside one, " + fastest.client(),
                "80 %",
                String.format("%s, %,.0f/s", percent(share), medians.of(fastest).perSecond()),
                share >= OF_ONE_THREAD));
    }

    List<Reached> json() throws Exception {
        List<Case> cases = new ArrayList<>(cases(ClientType.available("HOLDFAST"), Task.JSON));
        Case jackson = Case.of(ClientType.HOLDFAST_NIO, Task.JACKSON);
        cases.add(jackson);
        Medians medians = Medians.of(trials.discarding(cases));
        Case fastest = cases.stream()
                .filter(what -> what.task() == Task.JSON)
                .max(Comparator.comparingDouble(what -> medians.of(what).perSecond()))
                .orElseThrow();
        double share = medians.of(fastest).perSecond() / medians.of(jackson).perSecond();
        return List.of(new Reached(
                "publishAsync of a small JSON map beside Jackson alone, " + fastest.client(),
                "75 %",
                String.format("%s, %,.0f/s", percent(share), medians.of(fastest).perSecond()),
                share >= OF_JACKSON));
    }

    List<Reached> consume() throws Exception {
        List<ClientType> clients = Stream.concat(
                        ClientType.available("HOLDFAST").stream(), ClientType.available("AMQP_CLIENT").stream())
                .toList();
        Medians medians = Medians.of(trials.discarding(cases(clients, Task.CONSUME)));
        Case fastest = medians.fastest("HOLDFAST");
        Case peer = medians.fastest("AMQP_CLIENT");
        double times = medians.of(fastest).perSecond() / medians.of(peer).perSecond();
        return List.of(new Reached(
                "consuming 100-byte deliveries, auto-ack, " + fastest.client() + " beside " + peer.client(),
                "5 times",
                String.format("%.1f times, %,.0f/s", times, medians.of(fastest).perSecond()),
                times >= TIMES_CONSUMING));
    }

    private static List<Case> cases(List<ClientType> clients, Task task) {
        return clients.stream().map(client -> Case.of(client, task)).toList();
    }

    private static String percent(double share) {
        return String.format("%.0f %%", share * 100);
    }
}
