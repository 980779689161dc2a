package dev.holdfast.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.Exchange;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.cli.common.FailureLog;
import dev.holdfast.cli.common.Progress;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.consume.DeliveryQueue;
import dev.holdfast.cli.publish.CountingPublisher;
import dev.holdfast.cli.publish.PublishSummary;
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Publishes numbered messages to an embedded broker through a proxy that cuts the connection once, and consumes them.
 */
final class Demo {
    private static final Exchange MEDIA = Exchange.direct("media");
    private static final Queue VIDEO = Queue.of("video", MEDIA, "video");
    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(200);
    private static final int MAX_IDLE_ROUNDS = 100;
    private static final int BATCH_SIZE = 500;

    private final Streams streams;
    private final int messages;

    /** The body of a message. */
    record Video(int n, String title) {}

    Demo(Streams streams, int messages) {
        this.streams = streams;
        this.messages = messages;
    }

    DemoResult run() throws IOException, InterruptedException {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                FaultProxy network = FaultProxy.to(broker.port());
                Connection connection = Connection.open(network.uri(broker.uri()))) {
            int cutAt = messages / 2;
            PublishSummary published = publish(connection, network, cutAt);
            VideoConsumer consumer = new VideoConsumer();
            long startNanos = System.nanoTime();
            consumer.consume(connection);
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            return new DemoResult(
                    broker.port(),
                    cutAt,
                    network.acceptedConnections(),
                    published,
                    consumer.seen.cardinality(),
                    consumer.duplicates,
                    seconds);
        }
    }

    private PublishSummary publish(Connection connection, FaultProxy network, int cutAt)
            throws IOException, InterruptedException {
        PublishOptions options =
                PublishOptions.to(MEDIA).routingKey("video").declare(VIDEO).retry();
        try (FailureLog failures = new FailureLog(streams, null);
                Progress progress = Progress.messages(streams, "publish", messages)) {
            CountingPublisher publisher = new CountingPublisher(connection, options, failures, "message");
            for (int n = 0; n < messages && publisher.fatalError() == null; n++) {
                if (n == cutAt) {
                    network.cutNow();
                }
                publisher.send(new Video(n, "hello"), n + 1L);
                progress.update(n + 1L);
            }
            return publisher.await();
        }
    }

    /** Consumes until every message was seen and the queue is empty, and counts duplicates. */
    private final class VideoConsumer {
        private final ObjectReader reader = new ObjectMapper().readerFor(Video.class);
        private final BitSet seen = new BitSet(messages);
        private final DeliveryQueue deliveries = new DeliveryQueue();
        private long duplicates;
        private long received;

        void consume(Connection connection) throws IOException, InterruptedException {
            try (Channel channel = connection.channel();
                    Progress progress = Progress.messages(streams, "consume", messages)) {
                String unused =
                        channel.consume(VIDEO.name(), ConsumeOptions.defaults().prefetch(2 * BATCH_SIZE), deliveries);
                List<Delivery> batch = new ArrayList<>(BATCH_SIZE);
                int idleRounds = 0;
                while (idleRounds < MAX_IDLE_ROUNDS && deliveries.cancelReason() == null) {
                    take(batch);
                    if (batch.isEmpty()) {
                        idleRounds++;
                        if (seen.cardinality() == messages
                                && channel.inspect(VIDEO.name()).messageCount() == 0) {
                            return;
                        }
                    } else {
                        idleRounds = 0;
                        record(batch);
                        channel.ackMultiple(batch.get(batch.size() - 1));
                        progress.update(Math.min(received, messages));
                        batch.clear();
                    }
                }
            }
        }

        private void take(List<Delivery> batch) throws InterruptedException {
            deliveries.drainTo(batch, BATCH_SIZE);
            if (batch.isEmpty()) {
                Delivery next = deliveries.await(IDLE_TIMEOUT);
                if (next != null) {
                    batch.add(next);
                }
            }
        }

        private void record(List<Delivery> batch) throws IOException {
            for (Delivery delivery : batch) {
                Video video = reader.readValue(delivery.body());
                received++;
                if (video.n() < 0 || video.n() >= messages) {
                    throw new IOException(
                            "message " + video.n() + ": was not published (expected: 0.." + (messages - 1) + ")");
                }
                if (seen.get(video.n())) {
                    duplicates++;
                }
                seen.set(video.n());
            }
        }
    }
}
