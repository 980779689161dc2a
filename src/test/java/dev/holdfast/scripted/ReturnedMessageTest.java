package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Confirmation;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which of several equal or similar mandatory messages a return belongs to. */
class ReturnedMessageTest extends ScriptedTest {
    private static final PublishOptions MANDATORY =
            PublishOptions.to("orders", "key").mandatory(true);

    private static CompletableFuture<Confirmation> publish(Client client, Object header) {
        Producer producer = client.connection().producer();
        return producer.publishAsync("same body", MANDATORY.headers(Map.of("kind", header)));
    }

    private static void assertReturned(CompletableFuture<Confirmation> publish) throws Exception {
        assertThat(PublishOutcome.failure(publish)).isInstanceOf(UnroutableException.class);
    }

    @Test
    void messagesThatDifferInAnArrayAreToldApart() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            List<CompletableFuture<Confirmation>> routed = new ArrayList<>();
            List<CompletableFuture<Confirmation>> lost = new ArrayList<>();
            List<Published> unroutable = new ArrayList<>();
            for (byte i = 0; i < 20; i++) {
                routed.add(publish(client, new byte[] {i, 0}));
                lost.add(publish(client, new byte[] {i, 1}));
                Published unused = client.link().expectPublish();
                unroutable.add(client.link().expectPublish());
            }
            unroutable.forEach(client.link()::returnUnroutable);
            client.link().ackAllUpTo(client.publishChannel(), 40);
            for (int i = 0; i < 20; i++) {
                PublishOutcome.confirmed(routed.get(i));
                assertReturned(lost.get(i));
            }
        }
    }

    /** The broker encodes the properties anew: none of the messages has the same bytes. */
    @Test
    void rewrittenPropertiesMatchByValueThenByBody() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            PublishOptions twoHeaders = MANDATORY.header("a", 1).header("b", new byte[] {2});
            Producer producer = client.connection().producer();
            CompletableFuture<Confirmation> other = publish(client, 1);
            CompletableFuture<Confirmation> reordered = producer.publishAsync("same body", twoHeaders);
            Published first = link.expectPublish();
            Published second = link.expectPublish();
            Map<String, Object> headers = new LinkedHashMap<>();
            headers.put("b", new byte[] {2});
            headers.put("a", 1);
            returned(link, second, second.properties().headers(headers));
            assertReturned(reordered);
            returned(link, first, first.properties().headers(Map.of("kind", 1, "added", true)));
            assertReturned(other);
        }
    }

    private static void returned(ScriptedLink link, Published message, MessageProperties rewritten) {
        BasicMethods.Return back = new BasicMethods.Return(312, "NO_ROUTE", message.exchange(), message.routingKey());
        link.sendContent(message.channel(), back, rewritten, message.body());
    }

    /** Encoders replace half a surrogate pair by "?": the return would name another routing key. */
    @Test
    void textThatCannotBeEncodedIsRefusedBeforeItIsSent() throws Exception {
        String half = "n\ud83d";
        assertThatThrownBy(() -> PublishOptions.to("", half)).hasMessageContaining("routingKey: 'n\ud83d'");
        assertThatThrownBy(() -> PublishOptions.to(half, "")).hasMessageContaining("exchange");
        assertThatThrownBy(() -> Queue.of("\ude00")).hasMessageContaining("queue name");
        assertThatThrownBy(() -> ConsumeOptions.defaults().consumerTag(half)).hasMessageContaining("consumerTag");
        assertThatThrownBy(() -> MANDATORY.header(half, 1)).hasMessageContaining("key: 'n");
        assertThat(PublishOptions.to("", "\ud83d\ude00").routingKey()).isEqualTo("\ud83d\ude00");
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> producer.publish("x", MANDATORY.header("name", half)))
                    .withMessageContaining("half a surrogate pair at 1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> producer.publish("x", MANDATORY.messageId(half)))
                    .withMessageContaining("half a surrogate pair at 1");
            client.assertPublishes(client.link(), 1);
        }
    }
}
