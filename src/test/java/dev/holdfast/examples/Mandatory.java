package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Producer;
import dev.holdfast.UnroutableException;

/** Detects an unroutable message. Without {@code mandatory} the broker confirms the message and drops it. */
final class Mandatory {
    private Mandatory() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        try (Connection connection = Connection.open(uri)) {
            Producer producer = connection.producer(p -> p.routingKey("examples.nowhere"));
            producer.publish("dropped");
            System.out.println("confirmed and dropped");
            try {
                producer.publish("returned", p -> p.mandatory(true));
            } catch (UnroutableException e) {
                System.out.println("unroutable: " + e.routingKey());
            }
        }
    }
}
