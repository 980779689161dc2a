package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Await;
import dev.holdfast.testkit.ConfirmMode;
import dev.holdfast.testkit.DiscardingBroker;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The bytes of the outbound log that a connection keeps while it is idle. */
class IdleConnectionTest {
    private static final PublishOptions TO_Q = PublishOptions.to("", "q");
    private static final int SEGMENT = 64 * 1024;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

    private long direct() {
        return allocator.metric().usedDirectMemory();
    }

    @Test
    void anIdleConnectionKeepsNoSegment() throws Exception {
        try (DiscardingBroker broker = DiscardingBroker.start(ConfirmMode.PER_READ);
                Connection connection = InjectedConnection.lazy(
                        ConnectionOptions.parse(broker.uri()).heartbeat(Duration.ofSeconds(1)), allocator)) {
            assertThat(connection.producer().publish("x", TO_Q)).isEqualTo(Confirmation.ONE);
            Await.until("the first ticks have released the segments", () -> direct() == 0);

            Producer producer = connection.producer();
            byte[] body = new byte[1024];
            CompletableFuture<?>[] publishes = Stream.generate(() -> producer.publishAsync(body, TO_Q))
                    .limit(1000)
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(publishes).get(20, TimeUnit.SECONDS);
            assertThat(direct()).isGreaterThanOrEqualTo(SEGMENT);

            Await.until("the ticks of the heartbeat have released the segments", () -> direct() == 0);
            assertThat(producer.publish(body, TO_Q)).isEqualTo(Confirmation.ONE);
        }
    }
}
