package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Recoverable;
import com.rabbitmq.client.RecoveryListener;
import dev.holdfast.testkit.FaultProxy.Direction;
import dev.holdfast.testkit.junit.AmqpBroker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A test of another client through the proxy: RabbitMQ's client with automatic recovery, as a service uses it that
 * publishes without confirms. Every call of basicPublish returns normally, the client recovers, and yet all messages
 * are lost.
 */
@AmqpBroker
class AmqpClientLossTest {
    private static final int MESSAGES = 500;

    @Test
    void publishesThatReturnNormallyAreLostWithTheLink(EmbeddedBroker broker, FaultProxy proxy) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(proxy.uri(broker.uri()));
        factory.setNetworkRecoveryInterval(50);
        CountDownLatch recovered = new CountDownLatch(1);
        try (Connection connection = factory.newConnection()) {
            ((Recoverable) connection).addRecoveryListener(new RecoveryListener() {
                @Override
                public void handleRecovery(Recoverable recoverable) {
                    recovered.countDown();
                }

                @Override
                public void handleRecoveryStarted(Recoverable recoverable) {}
            });
            Channel channel = connection.createChannel();
            channel.queueDeclare("orders", false, false, false, null);
            proxy.stall(Direction.TO_BROKER);
            for (int i = 0; i < MESSAGES; i++) {
                channel.basicPublish("", "orders", null, ("order " + i).getBytes(UTF_8));
            }
            proxy.cutNow();
            proxy.resume(Direction.TO_BROKER);

            assertThat(recovered.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(channel.messageCount("orders")).isZero();
        }
    }
}
