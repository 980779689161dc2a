package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.EmbeddedBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FirstThreadIT {
    @Test
    void publishesConfirmedAndConsumes() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                Connection connection =
                        Connection.open(ConnectionOptions.parse(broker.uri()).frameLog(Boolean.getBoolean("fl")))) {
            Exchange media = Exchange.direct("media");
            Queue video = Queue.of("video", media, "video");
            Producer producer = connection.producer();
            Confirmation one = producer.publish(
                    Map.of("hello", "world"),
                    p -> p.exchange(media)
                            .routingKey("video")
                            .declare(video)
                            .retry(RetryPolicy.linear(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30))
                                    .maxRetries(30)));
            assertThat(one.attempts()).isEqualTo(1);
            PublishOptions fast = PublishOptions.to(media).routingKey("video");
            List<CompletableFuture<Confirmation>> all = new ArrayList<>();
            byte[] body = "0123456789".getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 20_000; i++) {
                all.add(producer.publishAsync(body, fast));
            }
            for (CompletableFuture<Confirmation> each : all) {
                each.get(20, TimeUnit.SECONDS);
            }
            Channel channel = connection.channel();
            assertThat(channel.inspect("video").messageCount()).isEqualTo(20_001);
            CountDownLatch got = new CountDownLatch(20_001);
            channel.consume("video", delivery -> {
                channel.ack(delivery);
                got.countDown();
            });
            assertThat(got.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
