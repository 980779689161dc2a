package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.Binding;
import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Declarable;
import dev.holdfast.Exchange;
import dev.holdfast.MessageProperties;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.QueueInfo;
import dev.holdfast.RetryPolicy;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.UnroutableException;
import dev.holdfast.Unsigned;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a producer declares, in which order and how often, and the properties that its messages carry. */
class DeclareTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final Exchange MEDIA = Exchange.direct("media");
    private static final Exchange OTHER = Exchange.topic("other");
    private static final Queue VIDEO = Queue.of("video", OTHER, "video");

    /** Ignores the outcome of an operation. */
    private static void ignore(CompletableFuture<?> unused) {}

    private static void exchange(ScriptedLink link, String name) {
        assertThat(link.answerExchangeDeclare().exchange()).isEqualTo(name);
    }

    private static void bind(ScriptedLink link, String source) {
        assertThat(link.answerQueueBind().exchange()).isEqualTo(source);
    }

    @Test
    void entitiesAreDeclaredOncePerLinkDefaultExchangeLast() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            RetryPolicy policy = NO_DELAY.maxRetries(5);
            Producer producer =
                    client.connection().producer(p -> p.exchange(MEDIA).retry(policy));
            CompletableFuture<Confirmation> first = producer.publishAsync("a", p -> p.declare(VIDEO));
            exchange(client.link(), "other");
            client.link().answerQueueDeclare("video");
            bind(client.link(), "other");
            exchange(client.link(), "media");
            Published published = client.link().expectPublish();
            client.link().ack(published.channel(), 1);
            PublishOutcome.confirmed(first);

            CompletableFuture<Confirmation> second = producer.publishAsync("b", p -> p.declare(VIDEO));
            assertThat(client.link().expectPublish().text()).isEqualTo("b");
            client.link().cut();

            ScriptedLink again = broker.acceptRestored();
            exchange(again, "other");
            again.answerQueueDeclare("video");
            bind(again, "other");
            exchange(again, "media");
            Published replayed = again.expectPublish();
            again.ack(replayed.channel(), 1);
            assertThat(PublishOutcome.confirmed(second).attempts()).isEqualTo(2);
        }
    }

    @Test
    void queueOfAReturnedMessageIsDeclaredAgain() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer = client.connection()
                    .producer(p -> p.routingKey("q").declare(Queue.of("q")).mandatory(true));
            CompletableFuture<Confirmation> returned = producer.publishAsync("returned");
            link.answerQueueDeclare("q");
            link.returnUnroutable(link.expectPublish());
            assertThat(PublishOutcome.failure(returned)).isInstanceOf(UnroutableException.class);

            CompletableFuture<Confirmation> next = producer.publishAsync("next", p -> p.retry(NO_DELAY));
            link.answerQueueDeclare("q");
            link.returnUnroutable(link.expectPublish());
            link.answerQueueDeclare("q");
            Published retried = link.expectPublish();
            assertThat(retried.text()).isEqualTo("next");
            link.ackAllUpTo(retried.channel(), 3);
            assertThat(PublishOutcome.confirmed(next).attempts()).isEqualTo(2);
        }
    }

    @Test
    void returnedMessageIsRetriedOnceAndOnlyIfAQueueMayBeMissing() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Producer producer =
                    client.connection().producer(p -> p.mandatory(true).retry(NO_DELAY));
            CompletableFuture<Confirmation> exchangeOnly =
                    producer.publishAsync("a", p -> p.exchange(MEDIA).declare(MEDIA));
            exchange(link, "media");
            link.returnUnroutable(link.expectPublish());
            assertThat(PublishOutcome.failure(exchangeOnly)).isInstanceOf(UnroutableException.class);

            CompletableFuture<Confirmation> twice =
                    producer.publishAsync("b", p -> p.routingKey("q").declare(Queue.of("q")));
            for (int attempt = 1; attempt <= 2; attempt++) {
                link.answerQueueDeclare("q");
                link.returnUnroutable(link.expectPublish());
            }
            assertThat(PublishOutcome.failure(twice)).isInstanceOf(UnroutableException.class);
        }
    }

    @Test
    void overriddenPredefinedAndNoDeclareExchangesAreNotDeclared() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer(p -> p.exchange(MEDIA));
            for (Producer undeclaring : List.of(
                    client.connection().producer(p -> p.exchange(MEDIA).autoDeclare(false)),
                    client.connection().producer(p -> p.exchange(MEDIA.noDeclare(true))),
                    client.connection().producer(p -> p.exchange(Exchange.topic("amq.topic"))),
                    client.connection().producer(p -> p.exchange("media")))) {
                ignore(undeclaring.publishAsync("a", p -> p.declare(VIDEO.noDeclare(true), OTHER.noDeclare(true))));
                client.link().expectPublish();
            }
            ignore(producer.publishAsync(
                    "b", PublishOptions.to(MEDIA))); // options not derived from the defaults of the producer
            client.link().expectPublish();
            ignore(producer.publishAsync("c", p -> p.autoDeclare(false)));
            client.link().expectPublish();
            ignore(producer.publishAsync("d", p -> p.exchange(OTHER)));
            exchange(client.link(), "media");
            assertThat(client.link().expectPublish().exchange()).isEqualTo("other");
            ignore(producer.publishAsync("e", p -> p.exchange("")));
            assertThat(client.link().expectPublish().exchange()).isEmpty();
        }
    }

    @Test
    void entitiesAreDeclaredInKombusOrderWithOnDeclaredBeforeTheBindings() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            BlockingQueue<QueueInfo> infos = new LinkedBlockingQueue<>();
            Exchange temporary = MEDIA.autoDelete(true);
            Queue queue = Queue.of("q", temporary, "k")
                    .bindings(List.of(Binding.of(OTHER, "o"), Binding.of(Exchange.fanout("amq.fanout"), "")))
                    .onDeclared(info -> {
                        infos.add(info);
                        throw new IllegalStateException("thrown by the callback");
                    });
            CompletableFuture<Boolean> declared = client.connection().producer().maybeDeclareAsync(queue);
            exchange(client.link(), "media");
            client.link().answerQueueDeclare(new QueueMethods.DeclareOk("q", 3, 1));
            assertThat(infos.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(new QueueInfo("q", 3, 1));
            bind(client.link(), "media");
            exchange(client.link(), "other");
            bind(client.link(), "other");
            bind(client.link(), "amq.fanout");
            assertThat(declared.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void maybeDeclareComparesDefinitionsAndRepeatsTransientEntities() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer(p -> p.exchange(MEDIA));
            Queue q = Queue.of("q");
            for (Queue permanent : List.of(q, q.maxLength(1), q.durable(false))) {
                assertThat(declares(producer, client, permanent)).isTrue();
                assertThat(producer.maybeDeclare(permanent)).isFalse();
            }
            for (Queue temporary : List.of(q.expires(Duration.ofMinutes(1)), q.autoDelete(true), q.exclusive(true))) {
                assertThat(declares(producer, client, temporary)).isTrue();
                assertThat(declares(producer, client, temporary)).isTrue();
            }
            assertThat(producer.maybeDeclare(q.noDeclare(true))).isFalse();
            assertThat(producer.maybeDeclare(Exchange.direct("amq.direct"))).isFalse();
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Void> always = producer.declareAsync();
                exchange(client.link(), "media");
                always.get(SECONDS, TimeUnit.SECONDS);
            }
            assertThatThrownBy(() ->
                            client.connection().producer(p -> p.exchange("x")).declare())
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    private static boolean declares(Producer producer, Client client, Queue queue) throws Exception {
        CompletableFuture<Boolean> declared = producer.maybeDeclareAsync(queue);
        client.link().answerQueueDeclare(queue.name());
        return declared.get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void deletedUnboundAndMissingEntitiesAreDeclaredAgain() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Producer producer = client.connection().producer();
            Channel channel = client.channel();
            CompletableFuture<Boolean> all = producer.maybeDeclareAsync(VIDEO);
            exchange(client.link(), "other");
            client.link().answerQueueDeclare("video");
            bind(client.link(), "other");
            assertThat(all.get(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(producer.maybeDeclare(VIDEO)).isFalse();

            CompletableFuture<Void> unbound =
                    channel.unbindAsync(Binding.of(OTHER, "video").toQueue("video"));
            client.link().expect(QueueMethods.Unbind.class).reply(QueueMethods.UnbindOk.INSTANCE);
            unbound.get(SECONDS, TimeUnit.SECONDS);
            expectRedeclaration(client.link(), producer);

            CompletableFuture<Long> deleted = channel.deleteQueueAsync("video", false, false);
            client.link().expect(QueueMethods.Delete.class).reply(new QueueMethods.DeleteOk(0));
            deleted.get(SECONDS, TimeUnit.SECONDS);
            expectRedeclaration(client.link(), producer);

            CompletableFuture<Boolean> missing =
                    producer.maybeDeclareAsync(Queue.of("gone").passive(true));
            client.link()
                    .expect(QueueMethods.Declare.class)
                    .reply(new ChannelMethods.Close(404, "NOT_FOUND - no queue 'gone' in vhost '/'", 50, 10));
            assertThatThrownBy(() -> missing.get(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("404");
            client.link().expect(ChannelMethods.CloseOk.class);
            client.link().openChannel();
            CompletableFuture<Boolean> again = producer.maybeDeclareAsync(OTHER);
            exchange(client.link(), "other");
            assertThat(again.get(SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void expectRedeclaration(ScriptedLink link, Producer producer) throws Exception {
        CompletableFuture<Boolean> again = producer.maybeDeclareAsync(VIDEO);
        link.answerQueueDeclare("video");
        bind(link, "other");
        assertThat(again.get(SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void unboundQueueIsRecoveredWithoutItsBinding() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            CompletableFuture<Queue> declared = channel.declareAsync(Queue.of("q", Exchange.direct("amq.direct"), "k"));
            client.link().answerQueueDeclare("q");
            bind(client.link(), "amq.direct");
            declared.get(SECONDS, TimeUnit.SECONDS);
            CompletableFuture<Void> unbound = channel.unbindAsync(
                    Binding.of(Exchange.direct("amq.direct"), "k").toQueue("q"));
            client.link().expect(QueueMethods.Unbind.class).reply(QueueMethods.UnbindOk.INSTANCE);
            unbound.get(SECONDS, TimeUnit.SECONDS);
            ignore(channel.closeAsync());
            client.link().expect(ChannelMethods.Close.class).reply(ChannelMethods.CloseOk.INSTANCE);
            client.link().cut();

            ScriptedLink again = broker.acceptRestored();
            again.answerQueueDeclare("q");
            ignore(client.connection().producer().publishAsync("x", PublishOptions.to("", "q")));
            assertThat(again.expectPublish().text()).isEqualTo("x");
        }
    }

    @Test
    void producerReceivesOnlyItsOwnReturns() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            BlockingQueue<ReturnedMessage> received = new LinkedBlockingQueue<>();
            BlockingQueue<ReturnedMessage> receivedByOther = new LinkedBlockingQueue<>();
            Producer producer = client.connection()
                    .producer(p -> p.mandatory(true).onReturn(returned -> {
                        received.add(returned);
                        throw new IllegalStateException("thrown by the callback");
                    }));
            client.connection().producer(p -> p.mandatory(true).onReturn(receivedByOther::add));
            for (String key : List.of("one", "two")) {
                CompletableFuture<Confirmation> publish = producer.publishAsync("x", p -> p.routingKey(key));
                client.link().returnUnroutable(client.link().expectPublish());
                assertThat(PublishOutcome.failure(publish)).isInstanceOf(UnroutableException.class);
                assertThat(received.poll(SECONDS, TimeUnit.SECONDS).routingKey())
                        .isEqualTo(key);
            }
            assertThat(receivedByOther).isEmpty();
        }
    }

    @Test
    void everyPropertyIsSentAndArgumentsAreCopied() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Map<String, Object> headers = new HashMap<>(Map.of(
                    "text",
                    "ü",
                    "int",
                    1,
                    "long",
                    5_000_000_000L,
                    "flag",
                    true,
                    "double",
                    0.5,
                    "time",
                    Instant.ofEpochSecond(9),
                    "list",
                    List.of(1, "a"),
                    "table",
                    Map.of("k", "v"),
                    "octet",
                    Unsigned.octet(255)));
            Map<String, Object> originalHeaders = Map.copyOf(headers);
            List<Declarable> declare = new ArrayList<>(List.of(OTHER));
            byte[] body = {1, 2};
            PublishOptions options = PublishOptions.to("", "q")
                    .headers(headers)
                    .declare(declare)
                    .persistent(false)
                    .priority(7)
                    .expiration(Duration.ofMillis(500))
                    .replyTo(Queue.of("answers"))
                    .correlationId("c")
                    .messageId("m")
                    .timestamp(Instant.ofEpochSecond(7))
                    .type("t")
                    .userId("u")
                    .appId("app")
                    .clusterId("r");
            ignore(client.connection().producer(p -> p.exchange(MEDIA)).publishAsync(body, options));
            body[0] = 9;
            assertThat(headers).isEqualTo(originalHeaders);
            headers.clear();
            declare.add(MEDIA);
            exchange(client.link(), "other");
            Published published = client.link().expectPublish();
            assertThat(published.body()).containsExactly(1, 2);
            assertThat(published.properties().headers())
                    .containsKeys(originalHeaders.keySet().toArray(String[]::new));
            assertThat(published.properties().headers()).containsEntry("list", List.of(1, "a"));
            assertThat(published.properties().headers()).containsEntry("time", Instant.ofEpochSecond(9));
            assertThat(published.properties().headers(null))
                    .isEqualTo(MessageProperties.EMPTY
                            .contentType("application/data")
                            .contentEncoding("binary")
                            .deliveryMode(1)
                            .priority(7)
                            .expiration("500")
                            .replyTo("answers")
                            .correlationId("c")
                            .messageId("m")
                            .timestamp(Instant.ofEpochSecond(7))
                            .type("t")
                            .userId("u")
                            .appId("app")
                            .reserved("r"));
        }
    }

    @Test
    void invalidQueuesAreRefusedInAnyOrderOfSetters() {
        Queue q = Queue.of("q");
        for (Queue bad : List.of(
                q.quorum().durable(false),
                q.durable(false).quorum(),
                q.quorum().exclusive(true),
                q.quorum().maxPriority(5),
                q.stream().exclusive(true),
                q.stream().autoDelete(true),
                q.stream().messageTtl(Duration.ofSeconds(1)),
                Queue.serverNamed().passive(true))) {
            assertThatIllegalArgumentException()
                    .as("%s", bad)
                    .isThrownBy(() -> PublishOptions.defaults().declare(bad))
                    .withMessageStartingWith("declare: queue '");
        }
        assertThat(PublishOptions.defaults()
                        .declare(q.quorum().durable(false).durable(true), q.argument("x-queue-type", "stream"))
                        .declarations())
                .hasSize(2);
    }
}
