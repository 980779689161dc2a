package dev.holdfast.scripted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import dev.holdfast.scripted.ScriptedLink.Frame;
import dev.holdfast.scripted.ScriptedLink.Received;
import dev.holdfast.testing.Await;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Messages that cannot be read among good ones, to a consumer and to gets, beside publishes on the same connection: the
 * good ones arrive, the unreadable ones are told apart, the publishes are confirmed, and no link ends.
 */
@Tag("load")
class UnreadableFloodIT extends ScriptedTest {
    /** Good messages to the consumer, for each kind; as many cannot be read. */
    private static final int DELIVERIES = 10_000;

    /** Good messages for gets, for each kind; as many cannot be read. A get is a round trip. */
    private static final int GETS = 1_000;

    private static final byte[] GOOD = "good".getBytes(UTF_8);

    /** Counts what a consumer or the gets received. */
    private static final class Counter {
        private final AtomicInteger good = new AtomicInteger();
        private final AtomicInteger unreadable = new AtomicInteger();

        void count(Delivery delivery) {
            if (delivery.decodeError() != null) {
                unreadable.incrementAndGet();
            } else if (delivery.body().length == GOOD.length
                    && "good".equals(delivery.properties().messageId())) {
                good.incrementAndGet();
            }
        }

        int total() {
            return good.get() + unreadable.get();
        }
    }

    @ParameterizedTest
    @EnumSource
    void goodMessagesArriveAndPublishesAreConfirmed(UnreadableMessage kind) throws Exception {
        try (Client client = broker.connect(broker.options().maxInboundMessageSize(UnreadableMessage.MAX_BODY))) {
            ScriptedLink link = client.link();
            Channel consuming = client.channel();
            Counter consumed = new Counter();
            ScriptedConsumer consumer =
                    ScriptedConsumer.start(link, consuming.consumeAsync("q", ConsumeOptions.defaults(), delivery -> {
                        consumed.count(delivery);
                        if (delivery.decodeError() == null) {
                            consuming.ack(delivery);
                        } else {
                            consuming.reject(delivery, false);
                        }
                    }));
            NumberedChannel getting = client.openChannel();
            Replies replies = new Replies(link, kind);
            CompletableFuture<Void> served = CompletableFuture.runAsync(replies::serve, UnreadableFloodIT::start);
            CompletableFuture<Void> delivered =
                    CompletableFuture.runAsync(() -> deliver(consumer, kind), UnreadableFloodIT::start);
            Counter got = new Counter();
            CompletableFuture<Void> gets = CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; i < 2 * GETS; i++) {
                            got.count(getting.channel().get("q", i % 4 < 2).orElseThrow());
                        }
                    },
                    UnreadableFloodIT::start);

            int published = publish(client, gets, consumed);
            delivered.get(1, TimeUnit.MINUTES);
            Await.until("everything is consumed", () -> consumed.total() == 2 * DELIVERIES);
            Await.until("everything is settled", () -> replies.settled(consumer.channel()) == 2 * DELIVERIES);
            assertThat(consumed.good).hasValue(DELIVERIES);
            assertThat(got.good).hasValue(GETS);
            assertThat(got.unreadable).hasValue(GETS);
            assertThat(published).isPositive();
            assertThat(client.connection().statistics().connects()).as("links").isEqualTo(1);
            assertThat(served).isNotDone();
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "flood");
        thread.setDaemon(true);
        thread.start();
    }

    private static void deliver(ScriptedConsumer consumer, UnreadableMessage kind) {
        byte[] unreadable = kind.content(consumer.channel());
        byte[] good = good(consumer.channel());
        for (int tag = 1; tag <= 2 * DELIVERIES; tag++) {
            Method deliver = new BasicMethods.Deliver(consumer.tag(), tag, false, "", "q");
            byte[] frames =
                    FrameBytes.concat(FrameBytes.method(consumer.channel(), deliver), tag % 2 == 0 ? unreadable : good);
            synchronized (consumer.link()) {
                consumer.link().sendRaw(frames);
            }
        }
    }

    private static byte[] good(int channel) {
        return FrameBytes.concat(
                FrameBytes.header(channel, GOOD.length, MessageProperties.EMPTY.messageId("good")),
                FrameBytes.frame(FrameFormat.BODY, channel, GOOD));
    }

    /** Publishes and awaits the confirms until the gets are done and all is consumed; at least once. */
    private static int publish(Client client, CompletableFuture<Void> gets, Counter consumed) throws Exception {
        int published = 0;
        do {
            List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                publishes.add(client.connection().producer().publishAsync("publish", PublishOptions.to("", "p")));
            }
            for (CompletableFuture<Confirmation> publish : publishes) {
                PublishOutcome.confirmed(publish);
            }
            published += publishes.size();
        } while (!gets.isDone() || consumed.total() < 2 * DELIVERIES);
        gets.get();
        return published;
    }

    /** Answers what the client sends: gets by good and unreadable messages in turn, and publishes by confirms. */
    private static final class Replies {
        private final ScriptedLink link;
        private final UnreadableMessage kind;
        private final Map<Integer, AtomicInteger> settled = new ConcurrentHashMap<>();
        private int gets;
        private long publishes;

        Replies(ScriptedLink link, UnreadableMessage kind) {
            this.link = link;
            this.kind = kind;
        }

        int settled(int channel) {
            return settled.containsKey(channel) ? settled.get(channel).get() : 0;
        }

        void serve() {
            try {
                while (true) {
                    Frame frame = link.next();
                    answer(frame.channel(), frame.method());
                }
            } catch (UncheckedIOException e) {
                // the client ended the link
            }
        }

        private void answer(int channel, Method method) {
            if (method instanceof BasicMethods.Publish publish) {
                link.contentOf(new Received<>(link, channel, publish));
                send(FrameBytes.method(channel, new BasicMethods.Ack(++publishes, false)));
            } else if (method instanceof BasicMethods.Get) {
                Method getOk = new BasicMethods.GetOk(++gets, false, "", "q", 1);
                send(FrameBytes.concat(
                        FrameBytes.method(channel, getOk), gets % 2 == 0 ? kind.content(channel) : good(channel)));
            } else {
                assertThat(method).isInstanceOfAny(BasicMethods.Ack.class, BasicMethods.Reject.class);
                settled.computeIfAbsent(channel, each -> new AtomicInteger()).incrementAndGet();
            }
        }

        private void send(byte[] frames) {
            synchronized (link) {
                link.sendRaw(frames);
            }
        }
    }
}
