package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;

/**
 * Shows the wire, a line a frame, passwords masked. The log goes to the System.Logger {@code dev.holdfast.frames} at INFO;
 * its level DEBUG does the same for all connections.
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
