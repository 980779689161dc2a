package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;

/**
 * Logs every frame of one connection as a line, with passwords masked. The lines go to the System.Logger
 * {@code dev.holdfast.frames} at level INFO. With this logger at level DEBUG, all connections log their frames.
 */
final class FrameLog {
    private FrameLog() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        ConnectionOptions options = ConnectionOptions.parse(uri).frameLog(true);
        try (Connection connection = Connection.open(options)) {
            connection.producer().publish("hello", p -> p.routingKey("examples.nowhere"));
        }
    }
}
