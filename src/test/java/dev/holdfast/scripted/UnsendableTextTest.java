package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Binding;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.SerializationException;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Text that UTF-8 cannot encode is refused by the call that is given it: nothing is sent, and the link stays. */
class UnsendableTextTest extends ScriptedTest {
    private static final String HALF = "n\ud83d";
    private static final DeliveryHandler HANDLER = delivery -> {};

    @Test
    void callsRefuseNamesBeforeAnythingIsSent() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel channel = client.openChannel().channel();
            refused("queue name", () -> channel.inspectAsync(HALF));
            refused("queue", () -> channel.purgeAsync(HALF));
            refused("queue", () -> channel.deleteQueueAsync(HALF, false, false));
            refused("queue", () -> channel.getAsync(HALF, true));
            refused("queue", () -> channel.consumeAsync(HALF, ConsumeOptions.defaults(), HANDLER));
            refused("exchange", () -> channel.deleteExchangeAsync(HALF, false));
            refused("consumerTag", () -> channel.cancelAsync(HALF));
            refused("routingKey", () -> channel.bindTo(Queue.of("q"), Exchange.direct("x"), HALF));
            refused("routingKey", () -> channel.unbindFrom(Queue.of("q"), Exchange.direct("x"), HALF));
            refused("queue name", () -> Binding.of(Exchange.direct("x"), "k").toQueue(HALF));
            Connection connection = client.connection();
            refused("exchange name", () -> connection.simpleQueue(HALF));
            refused("reason", () -> connection.updateSecretAsync("secret", HALF));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> connection.updateSecretAsync(HALF, "rotated"))
                    .withMessage("secret: half a surrogate pair at 1 (expected: Unicode)");

            CompletableFuture<Long> purging = channel.purgeAsync("q");
            assertThat(link.expect(QueueMethods.Purge.class).method().queue()).isEqualTo("q");
            assertThat(purging).isNotDone();
        }
    }

    private static void refused(String place, ThrowingCallable call) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .withMessage(place + ": 'n\ud83d', half a surrogate pair at 1 (expected: Unicode)");
    }

    @Test
    void bodiesAreRefusedByEverySerializerBeforeAnythingIsSent() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            for (String serializer : List.of("json", "yaml", "msgpack", "pickle")) {
                for (Object body : List.of(HALF, List.of(HALF), Map.of(HALF, 1), Map.of("x", HALF), '\ude00')) {
                    assertThatThrownBy(() -> producer.publish(body, NO_RETRY.serializer(serializer)))
                            .as("%s of %s", serializer, body)
                            .isInstanceOf(SerializationException.class)
                            .hasMessageContaining("half a surrogate pair at ");
                }
            }
            assertThatThrownBy(() -> producer.publish(HALF, NO_RETRY))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("half a surrogate pair at 1");
            client.assertPublishes(client.link(), 1);
        }
    }
}
