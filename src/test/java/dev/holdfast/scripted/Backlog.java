package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.MessageProperties;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What waits for code of the application on a connection with {@code maxDeliveryBacklogBytes} of 1 MiB. */
final class Backlog {
    static final int MIB = 1 << 20;
    static final int MAX = MIB;

    /** The second bound, and what one batch and one read add to it. */
    static final long BOUND = 2 * MAX + MIB + 512 * 1024;

    /** The same for messages of properties only, whose memory is estimated as eight times their encoded length. */
    static final long PROPERTIES_BOUND = 2 * MAX + MIB + 8 * 512 * 1024;

    private static final String HELD = "auto-read paused by [HELD]";
    private static final Pattern BYTES = Pattern.compile("backlog (\\d+), incomplete (\\d+)");

    private Backlog() {}

    /** The bytes that wait for code of the application. */
    static long bytes(Connection connection) {
        return Long.parseLong(match(connection).group(1));
    }

    /** The bytes of the messages that are being received. */
    static long incompleteBytes(Connection connection) {
        return Long.parseLong(match(connection).group(2));
    }

    private static Matcher match(Connection connection) {
        Matcher matcher = BYTES.matcher(connection.toString());
        assertThat(matcher.find()).isTrue();
        return matcher;
    }

    /** Waits until reading is held, and asserts that no more than the second bound waited meanwhile. */
    static void awaitHeld(Connection connection) throws Exception {
        awaitHeld(connection, BOUND);
    }

    static void awaitHeld(Connection connection, long bound) throws Exception {
        AtomicLong peak = new AtomicLong();
        Await.until("reading is held", () -> {
            peak.accumulateAndGet(bytes(connection), Math::max);
            return connection.toString().contains(HELD);
        });
        assertThat(Math.max(peak.get(), bytes(connection))).isBetween(2L * MAX, bound);
    }

    /** Starts a consumer without acknowledgements. */
    static ScriptedConsumer consume(Client client, DeliveryHandler handler) throws Exception {
        Channel channel = client.channel();
        return ScriptedConsumer.start(
                client.link(),
                channel.consumeAsync("q", ConsumeOptions.defaults().noAck(true), handler));
    }

    /** Delivers until the link is cut. The future returned completes when no thread uses the socket any more. */
    static CompletableFuture<Void> flood(ScriptedConsumer consumer, MessageProperties properties, int size) {
        return CompletableFuture.runAsync(() -> {
            byte[] body = new byte[size];
            try {
                for (int tag = 1; true; tag++) {
                    consumer.deliver(tag, properties, body);
                }
            } catch (UncheckedIOException e) {
                // the test is over
            }
        });
    }
}
