package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Producer;
import dev.holdfast.UnroutableException;

/** Tells whether a queue took the message: without {@code mandatory} a broker drops what it has no queue for. */
final class Mandatory {
    private Mandatory() {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        try (Connection connection = Connection.open(uri)) {
            Producer producer = connection.producer(p -> p.routingKey("examples.nowhere"));
            producer.publish("dropped");
            System.out.println("confirmed, though nobody gets it");
            try {
                producer.publish("returned", p -> p.mandatory(true));
            } catch (UnroutableException e) {
                System.out.println("came back: " + e.routingKey());
            }
        }
    }
}
