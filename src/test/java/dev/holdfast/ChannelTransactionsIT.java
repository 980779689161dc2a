package dev.holdfast;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.BrokerTest;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.TestBroker;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Transactions of a channel, and their exclusion of confirm mode. */
class ChannelTransactionsIT {
    @BrokerTest
    void txCommitAppliesPublishesAndAcks(TestBroker broker) {
        Queue queue = Queue.of(broker.unique("queue"));
        PublishOptions toQueue = PublishOptions.to("", queue.name());
        try (Connection connection = broker.connect();
                Channel channel = connection.channel();
                Channel other = connection.channel()) {
            channel.declare(queue);
            channel.txSelect();
            channel.publish("one".getBytes(UTF_8), toQueue);
            channel.publish("two".getBytes(UTF_8), toQueue);
            assertThat(other.get(queue.name(), true)).isEmpty();
            channel.txCommit();
            assertThat(other.inspect(queue.name()).messageCount()).isEqualTo(2);

            channel.ack(channel.get(queue.name(), false).orElseThrow());
            channel.txCommit();
            channel.closeAsync().join();
            assertThat(other.inspect(queue.name()).messageCount()).isEqualTo(1);
        }
    }

    @BrokerTest
    void txRollbackDiscardsPublishesAndAcks(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        PublishOptions toQueue = PublishOptions.to("", queue.name());
        try (Connection connection = broker.connect();
                Channel channel = connection.channel();
                Channel other = connection.channel()) {
            channel.declare(queue);
            connection.producer().publish("kept", toQueue);
            channel.txSelectAsync().get(20, TimeUnit.SECONDS);
            channel.publish("dropped".getBytes(UTF_8), toQueue);
            channel.ack(channel.get(queue.name(), false).orElseThrow());
            channel.txRollbackAsync().get(20, TimeUnit.SECONDS);
            channel.txCommitAsync().get(20, TimeUnit.SECONDS);
            channel.closeAsync().join();
            Delivery kept = other.get(queue.name(), true).orElseThrow();
            assertThat(DeliveryQueue.text(kept)).isEqualTo("kept");
            assertThat(other.get(queue.name(), true)).isEmpty();
        }
    }

    @BrokerTest
    void transactionsAndConfirmsExcludeEachOther(TestBroker broker) {
        try (Connection connection = broker.connect();
                Channel tx = connection.channel();
                Channel confirming = connection.channel()) {
            tx.txSelect();
            assertThatThrownBy(() -> new Producer(tx))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("tx mode");
            Producer producer = new Producer(confirming);
            assertThatThrownBy(confirming::txSelect)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("confirm mode");
            assertThatThrownBy(() -> confirming.publish(new byte[0], PublishOptions.defaults()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("confirm mode");
            assertThat(producer.publish("x").attempts()).isEqualTo(1);
            tx.txCommit();
        }
    }

    @BrokerTest
    void channelPublishWithoutConfirmsReportsReturns(TestBroker broker) throws Exception {
        Queue queue = Queue.of(broker.unique("queue"));
        try (Connection connection = broker.connect();
                Channel channel = connection.channel()) {
            BlockingQueue<ReturnedMessage> returned = new LinkedBlockingQueue<>();
            channel.onReturn(returned::add);
            channel.declare(queue);
            channel.publish("x".getBytes(UTF_8), PublishOptions.to("", queue.name()));
            // The get follows the publish on the same channel.
            assertThat(channel.get(queue.name(), true)).isPresent();

            channel.publish(
                    "y".getBytes(UTF_8),
                    PublishOptions.to("", broker.unique("absent")).mandatory(true));
            ReturnedMessage message = returned.poll(20, TimeUnit.SECONDS);
            assertThat(message.replyCode()).isEqualTo(312);
            assertThat(message.body()).isEqualTo("y".getBytes(UTF_8));
        }
    }
}
