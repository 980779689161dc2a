package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.floor.Floor.Reached;
import dev.holdfast.jmh.impl.ClientType;
import dev.holdfast.jmh.load.Case;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import java.util.List;

/** How long somebody waits. */
final class LatencyRows {
    /** Any timer would show: Nagle's with a delayed ack is 40 ms, and no event loop's tick is below 1 ms. */
    private static final double LONE_MICROS = 1000;

    private final Trials trials;

    LatencyRows(Trials trials) {
        this.trials = trials;
    }

    List<Reached> synchronous() throws Exception {
        ClientType ours = ClientType.HOLDFAST_EPOLL.isAvailable() ? ClientType.HOLDFAST_EPOLL : ClientType.HOLDFAST_NIO;
        double[] micros = trials.paired(ours, ClientType.AMQP_CLIENT_SOCKET);
        String what = "synchronous publish and its confirm, " + ours + ", paired, ";
        return List.of(atMost(what + "p50", micros[2], micros[0]), atMost(what + "p99", micros[3], micros[1]));
    }

    private static Reached atMost(String what, double theirs, double ours) {
        return new Reached(
                what, String.format("amqp-client's %.1f us", theirs), String.format("%.1f us", ours), ours <= theirs);
    }

    List<Reached> lone() throws Exception {
        Case ours = Case.of(ClientType.HOLDFAST_NIO, Task.LONE);
        Case theirs = Case.of(ClientType.AMQP_CLIENT_SOCKET, Task.LONE);
        Medians medians = Medians.of(trials.discarding(List.of(ours, theirs)));
        double micros = medians.of(ours).p50();
        return List.of(new Reached(
                "a lone message after 20 ms of silence, to its confirm, p50",
                "< 1000 us: no timer",
                String.format(
                        "%.0f us (amqp-client %.0f us)",
                        micros, medians.of(theirs).p50()),
                micros < LONE_MICROS));
    }

    List<Reached> start() throws Exception {
        Case ours = Case.of(ClientType.HOLDFAST_NIO, Task.START);
        Case socket = Case.of(ClientType.AMQP_CLIENT_SOCKET, Task.START);
        Case netty = Case.of(ClientType.AMQP_CLIENT_NETTY, Task.START);
        Medians medians = Medians.of(trials.discarding(List.of(ours, socket, netty)));
        double millis = medians.of(ours).p50() / 1e3;
        double nettys = medians.of(netty).p50() / 1e3;
        return List.of(new Reached(
                "JVM start to first confirm, HOLDFAST_NIO",
                String.format("below amqp-client's Netty mode, %.0f ms", nettys),
                String.format(
                        "%.0f ms (its socket: %.0f ms)",
                        millis, medians.of(socket).p50() / 1e3),
                millis < nettys));
    }
}
