package dev.holdfast.examples;

import dev.holdfast.Connection;
import dev.holdfast.Message;
import dev.holdfast.SimpleQueue;
import java.time.Duration;
import java.util.Optional;

/** Distributes work through a queue with put and get, like a queue of the JDK. */
final class SimpleQueueWork {
    private SimpleQueueWork() {}

    record Job(String name, int size) {}

    public static void main(String[] args) {
        run(args[0]);
    }

    static void run(String uri) {
        try (Connection connection = Connection.open(uri);
                SimpleQueue jobs = connection.simpleQueue("examples.jobs")) {
            jobs.put(new Job("resize", 3));
            jobs.put(new Job("rotate", 5));
            Optional<Message> next = jobs.get(Duration.ofSeconds(10));
            while (next.isPresent()) {
                Message message = next.get();
                System.out.println(message.payload(Job.class));
                message.ack(); // close() requeues unacknowledged messages
                next = jobs.getNow();
            }
        }
    }
}
