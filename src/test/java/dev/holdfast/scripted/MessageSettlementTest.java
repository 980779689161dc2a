package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Consumer;
import dev.holdfast.Message;
import dev.holdfast.MessageStateException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.scripted.ScriptedBroker.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A message is acknowledged, rejected or requeued once. */
class MessageSettlementTest extends ScriptedConsumerTest {
    @Test
    void messageIsSettledOnce() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            ScriptedConsumer started = start(client, consumer);
            started.deliver(1, JSON, "1");
            started.deliver(2, JSON, "2");
            started.deliver(3, JSON, "3");
            started.deliver(4, JSON, "4");

            Message acked = nextMessage();
            assertThat(acked.acknowledged()).isFalse();
            acked.ack();
            assertThat(acked.acknowledged()).isTrue();
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(1, false));
            Message rejected = nextMessage();
            rejected.reject();
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(2, false));
            Message requeued = nextMessage();
            requeued.requeue();
            assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(3, true));
            Message all = nextMessage();
            all.ackMultiple();
            assertThat(link.expect(BasicMethods.Ack.class).method()).isEqualTo(new BasicMethods.Ack(4, true));

            assertThatThrownBy(acked::requeue)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("message 1: acknowledged before");
            assertThatThrownBy(rejected::ack)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("rejected before");
            assertThatThrownBy(requeued::reject)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("requeued before");
            assertThatThrownBy(all::ackMultiple).isInstanceOf(MessageStateException.class);
            link.expectSilence(50);
        }
    }

    @Test
    void oneOfSeveralConcurrentAcksSucceeds() throws Exception {
        int threads = 4;
        int rounds = 200;
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            ScriptedConsumer started = start(client, consumer);
            started.deliver(1, JSON, "1");
            for (int tag = 1; tag <= rounds; tag++) {
                Message message = nextMessage();
                CountDownLatch start = new CountDownLatch(threads);
                List<CompletableFuture<Boolean>> acks = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    acks.add(CompletableFuture.supplyAsync(
                            () -> acknowledges(message, start), task -> new Thread(task).start()));
                }
                long succeeded = 0;
                for (CompletableFuture<Boolean> ack : acks) {
                    succeeded += ack.get(SECONDS, TimeUnit.SECONDS) ? 1 : 0;
                }
                assertThat(succeeded).isEqualTo(1);
                assertThat(link.expect(BasicMethods.Ack.class).method().deliveryTag())
                        .isEqualTo(tag);
                started.deliver(tag + 1, JSON, "1");
            }
            link.expectSilence(50);
        }
    }

    private static boolean acknowledges(Message message, CountDownLatch start) {
        start.countDown();
        while (start.getCount() > 0) {
            Thread.onSpinWait();
        }
        try {
            message.ack();
            return true;
        } catch (MessageStateException e) {
            return false;
        }
    }

    @Test
    void noAckMessageSendsNoAcknowledgement() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer =
                    open(client, o -> o.autoDeclare(false).noAck(true), AUDIO).onMessage(messages::add);
            start(client, consumer).deliver(1, JSON, "1");
            Message message = nextMessage();
            message.ack();
            message.ack();
            message.reject();
            assertThatThrownBy(message::requeue)
                    .isInstanceOf(MessageStateException.class)
                    .hasMessageContaining("without acknowledgement");
            client.link().expectSilence(50);
        }
    }

    @Test
    void ackOfAMessageFromALostLinkFailsEachTime() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO).onMessage(messages::add);
            start(client, consumer).deliver(1, JSON, "1");
            Message message = nextMessage();
            client.link().cut();
            ScriptedLink second = broker.accept();
            answerUntilConsumed(second);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(message::ack)
                        .isInstanceOf(AmqpChannelException.class)
                        .hasMessageContaining("lost link");
                assertThat(message.acknowledged()).isFalse();
            }
        }
    }

    /** Answers the recovery of the channels up to the start of the consumer. */
    private static void answerUntilConsumed(ScriptedLink link) {
        while (true) {
            ScriptedLink.Frame frame = link.next();
            Method method = frame.method();
            if (method instanceof ChannelMethods.Open) {
                link.send(frame.channel(), ChannelMethods.OpenOk.INSTANCE);
            } else if (method instanceof ConfirmMethods.Select) {
                link.send(frame.channel(), ConfirmMethods.SelectOk.INSTANCE);
            } else if (method instanceof BasicMethods.Qos) {
                link.send(frame.channel(), BasicMethods.QosOk.INSTANCE);
            } else {
                String tag = ((BasicMethods.Consume) method).consumerTag();
                link.send(frame.channel(), new BasicMethods.ConsumeOk(tag));
                return;
            }
        }
    }
}
