package dev.holdfast.jmh.floor;

import dev.holdfast.jmh.adapter.ClientType;
import dev.holdfast.jmh.floor.Floor.FloorResult;
import dev.holdfast.jmh.load.Scenario;
import dev.holdfast.jmh.load.Task;
import dev.holdfast.jmh.load.Trials;
import java.util.List;

/** Floors of latency. */
final class LatencyFloors {
    /**
     * A timer would exceed this: Nagle with a delayed ack adds 40 ms, and the tick of an event loop is at least 1 ms.
     */
    private static final double MAX_LONE_MICROS = 1000;

    private final Trials trials;

    LatencyFloors(Trials trials) {
        this.trials = trials;
    }

    List<FloorResult> synchronous() throws Exception {
        ClientType ours = ClientType.HOLDFAST_EPOLL.isAvailable() ? ClientType.HOLDFAST_EPOLL : ClientType.HOLDFAST_NIO;
        double[] micros = trials.paired(ours, ClientType.AMQP_CLIENT_SOCKET);
        String name = "synchronous publish and its confirm, " + ours + ", paired, ";
        return List.of(atMost(name + "p50", micros[2], micros[0]), atMost(name + "p99", micros[3], micros[1]));
    }

    private static FloorResult atMost(String name, double theirs, double ours) {
        return new FloorResult(
                name, String.format("amqp-client's %.1f us", theirs), String.format("%.1f us", ours), ours <= theirs);
    }

    List<FloorResult> lone() throws Exception {
        Scenario ours = Scenario.of(ClientType.HOLDFAST_NIO, Task.LONE);
        Scenario theirs = Scenario.of(ClientType.AMQP_CLIENT_SOCKET, Task.LONE);
        Medians medians = Medians.of(trials.discarding(List.of(ours, theirs)));
        double micros = medians.of(ours).p50();
        return List.of(new FloorResult(
                "a lone message after 20 ms of silence, to its confirm, p50",
                "< 1000 us: no timer",
                String.format(
                        "%.0f us (amqp-client %.0f us)",
                        micros, medians.of(theirs).p50()),
                micros < MAX_LONE_MICROS));
    }

    List<FloorResult> start() throws Exception {
        Scenario ours = Scenario.of(ClientType.HOLDFAST_NIO, Task.START);
        Scenario socket = Scenario.of(ClientType.AMQP_CLIENT_SOCKET, Task.START);
        Scenario netty = Scenario.of(ClientType.AMQP_CLIENT_NETTY, Task.START);
        Medians medians = Medians.of(trials.discarding(List.of(ours, socket, netty)));
        double millis = medians.of(ours).p50() / 1e3;
        double nettyMillis = medians.of(netty).p50() / 1e3;
        return List.of(new FloorResult(
                "JVM start to first confirm, HOLDFAST_NIO",
                String.format("below amqp-client's Netty mode, %.0f ms", nettyMillis),
                String.format(
                        "%.0f ms (its socket: %.0f ms)",
                        millis, medians.of(socket).p50() / 1e3),
                millis < nettyMillis));
    }
}
