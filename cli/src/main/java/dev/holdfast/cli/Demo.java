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
import dev.holdfast.testkit.EmbeddedBroker;
import dev.holdfast.testkit.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Publishes numbered messages to a broker of its own over a network that breaks once, and reads them back. */
final class Demo {
    private static final Exchange MEDIA = Exchange.direct("media");
    private static final Queue VIDEO = Queue.of("video", MEDIA, "video");
    private static final Duration QUIET = Duration.ofMillis(200);
    private static final int QUIET_ROUNDS = 100;
    private static final int BATCH = 500;

    private final Streams streams;
    private final int messages;

    /** A message of the demo. */
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
            Summary published = publish(connection, network, cutAt);
            Roundup roundup = new Roundup();
            long started = System.nanoTime();
            roundup.consume(connection);
            double seconds = (System.nanoTime() - started) / 1e9;
            return new DemoResult(
                    broker.port(),
                    cutAt,
                    network.acceptedConnections(),
                    published,
                    roundup.seen.cardinality(),
                    roundup.duplicates,
                    seconds);
        }
    }

    private Summary publish(Connection connection, FaultProxy network, int cutAt) throws InterruptedException {
        PublishOptions options =
                PublishOptions.to(MEDIA).routingKey("video").declare(VIDEO).retry();
        Publishing publishing = new Publishing(connection, options, new Complaints(streams));
        try (Progress progress = Progress.messages(streams, "publish", messages)) {
            for (int n = 0; n < messages && publishing.hopeless() == null; n++) {
                if (n == cutAt) {
                    network.cutNow();
                }
                publishing.send(new Video(n, "hello"), "message " + n);
                progress.at(n + 1L);
            }
            return publishing.await();
        }
    }

    /** Reads until every message was seen and the queue is empty. */
    private final class Roundup {
        private final ObjectReader reader = new ObjectMapper().readerFor(Video.class);
        private final BitSet seen = new BitSet(messages);
        private final Inbox inbox = new Inbox();
        private long duplicates;
        private long count;

        void consume(Connection connection) throws IOException, InterruptedException {
            try (Channel channel = connection.channel();
                    Progress progress = Progress.messages(streams, "consume", messages)) {
                String unused =
                        channel.consume(VIDEO.name(), ConsumeOptions.defaults().prefetch(2 * BATCH), inbox);
                List<Delivery> batch = new ArrayList<>(BATCH);
                int quiet = 0;
                while (quiet < QUIET_ROUNDS && !inbox.cancelled()) {
                    take(batch);
                    if (batch.isEmpty()) {
                        quiet++;
                        if (seen.cardinality() == messages
                                && channel.inspect(VIDEO.name()).messageCount() == 0) {
                            return;
                        }
                    } else {
                        quiet = 0;
                        count(batch);
                        channel.ackMultiple(batch.get(batch.size() - 1));
                        progress.at(Math.min(count, messages));
                        batch.clear();
                    }
                }
            }
        }

        private void take(List<Delivery> batch) throws InterruptedException {
            inbox.drainTo(batch, BATCH);
            if (batch.isEmpty()) {
                Delivery next = inbox.await(QUIET);
                if (next != null) {
                    batch.add(next);
                }
            }
        }

        private void count(List<Delivery> batch) throws IOException {
            for (Delivery delivery : batch) {
                Video video = reader.readValue(delivery.body());
                count++;
                if (video.n() < 0 || video.n() >= messages) {
                    throw new IOException("message " + video.n() + " was never published");
                }
                if (seen.get(video.n())) {
                    duplicates++;
                }
                seen.set(video.n());
            }
        }
    }
}
