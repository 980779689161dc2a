package dev.holdfast.jmh.load;

import dev.holdfast.jmh.impl.ClientType;
import java.util.List;

/**
 * One thing to measure.
 *
 * @param client who does it
 * @param task what it does
 * @param size bytes of a body
 * @param window unconfirmed messages of the connection
 * @param threads publishing threads on the one connection
 * @param virtual whether they are virtual threads: the JVM must have them
 */
public record Case(ClientType client, Task task, int size, int window, int threads, boolean virtual) {
    /** The usual case: 100 bytes, a window of 10,000, one thread. */
    public static Case of(ClientType client, Task task) {
        return new Case(client, task, 100, 10_000, 1, false);
    }

    public Case size(int bytes) {
        return new Case(client, task, bytes, window, threads, virtual);
    }

    public Case window(int messages) {
        return new Case(client, task, size, messages, threads, virtual);
    }

    public Case threads(int count) {
        return new Case(client, task, size, window, count, virtual);
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

    static Case parse(List<String> arguments) {
        return new Case(
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
