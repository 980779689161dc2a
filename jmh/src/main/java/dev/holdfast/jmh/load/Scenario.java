package dev.holdfast.jmh.load;

import dev.holdfast.jmh.adapter.ClientType;
import java.util.List;

/**
 * What a measurement runs.
 *
 * @param client the measured client
 * @param task what the client does
 * @param size size of a body in bytes
 * @param window maximum number of unconfirmed messages on the connection
 * @param threads number of publishing threads on the connection
 * @param virtual whether they are virtual threads, which need JDK 21
 */
public record Scenario(ClientType client, Task task, int size, int window, int threads, boolean virtual) {
    /** The default scenario: 100 bytes, a window of 10,000, one thread. */
    public static Scenario of(ClientType client, Task task) {
        return new Scenario(client, task, 100, 10_000, 1, false);
    }

    public Scenario size(int bytes) {
        return new Scenario(client, task, bytes, window, threads, virtual);
    }

    public Scenario window(int messages) {
        return new Scenario(client, task, size, messages, threads, virtual);
    }

    public Scenario threads(int count) {
        return new Scenario(client, task, size, window, count, virtual);
    }

    List<String> arguments() {
        return List.of(
                client.name(),
                task.name(),
                Integer.toString(size),
                Integer.toString(window),
                Integer.toString(threads),
                Boolean.toString(virtual));
    }

    static Scenario parse(List<String> arguments) {
        return new Scenario(
                ClientType.valueOf(arguments.get(0)),
                Task.valueOf(arguments.get(1)),
                Integer.parseInt(arguments.get(2)),
                Integer.parseInt(arguments.get(3)),
                Integer.parseInt(arguments.get(4)),
                Boolean.parseBoolean(arguments.get(5)));
    }

    @Override
    public String toString() {
        return client + " " + task + " " + size + " B, window " + window + ", " + threads
                + (virtual ? " virtual threads" : " threads");
    }
}
