package dev.holdfast.internal.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Binding;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.QueueMethods;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which entities are declared again on a new link, and which are forgotten because the broker has deleted them. */
class TopologyTest {
    private static final Exchange EVENTS = Exchange.topic("events");
    private static final Exchange FLEETING = Exchange.fanout("fleeting").autoDelete(true);
    private static final Queue REPLIES = Queue.serverNamed().autoDelete(true);

    private final TopologyRegistry registry = new TopologyRegistry();
    private final RestoreSteps steps = new RestoreSteps();
    private final Topology topology = new Topology(this::answer, registry, Runnable::run, steps.policy());
    private final List<Method> sent = new ArrayList<>();

    /** Names of queues and exchanges that the broker does not find. */
    private final List<String> missing = new ArrayList<>();

    private int generatedNames;

    private CompletableFuture<Method> answer(Method method) {
        sent.add(method);
        if (method instanceof QueueMethods.Declare declare) {
            boolean refused = declare.passive() && missing.contains(declare.queue());
            String name = declare.queue().isEmpty() ? "amq.gen-" + ++generatedNames : declare.queue();
            return refused ? notFound() : done(new QueueMethods.DeclareOk(name, 0, 0));
        }
        if (method instanceof QueueMethods.Bind bind) {
            return missing.contains(bind.queue()) || missing.contains(bind.exchange())
                    ? notFound()
                    : done(QueueMethods.BindOk.INSTANCE);
        }
        if (method instanceof QueueMethods.Purge purge) {
            return missing.contains(purge.queue()) ? notFound() : done(new QueueMethods.PurgeOk(0));
        }
        return done(
                method instanceof ExchangeMethods.Declare
                        ? ExchangeMethods.DeclareOk.INSTANCE
                        : method instanceof QueueMethods.Delete
                                ? new QueueMethods.DeleteOk(0)
                                : QueueMethods.UnbindOk.INSTANCE);
    }

    private static CompletableFuture<Method> done(Method reply) {
        return CompletableFuture.completedFuture(reply);
    }

    private static CompletableFuture<Method> notFound() {
        return CompletableFuture.failedFuture(new AmqpChannelException("not found", 1, 404, "", false));
    }

    private Binding bind(String queue, Exchange source) {
        Binding binding = Binding.of(source, "key").toQueue(queue);
        topology.bind(binding).join();
        return binding;
    }

    private String declare(Queue queue) {
        return topology.declare(queue).join().name();
    }

    /** The methods that restore the topology on a new link. */
    private List<Method> restored() {
        topology.linkLost();
        sent.clear();
        topology.restore().join();
        return sent;
    }

    @Test
    void removedConsumerThatIsNotKnownIsNotCounted() {
        assertThat(topology.consumerRemoved("q")).isTrue();
        topology.consumerAdded("q");
        assertThat(topology.consumerRemoved("q")).isTrue();
    }

    @Test
    void autoDeleteQueuesThatCameAndWentLeaveNothing() {
        topology.declare(EVENTS).join();
        for (int i = 0; i < 2000; i++) {
            String name = declare(REPLIES);
            Binding unused = bind(name, EVENTS);
            topology.consumerAdded(name);
            topology.consumerEnded(name, false);
        }
        assertThat(registry.recorded()).containsExactly(EVENTS);
        assertThat(registry.isDeclared(Binding.of(EVENTS, "key").toQueue("amq.gen-1")))
                .isFalse();
        assertThat(restored()).singleElement().isInstanceOf(ExchangeMethods.Declare.class);
    }

    @Test
    void queueIsRestoredWhileItHasAConsumer() {
        String name = declare(REPLIES);
        Binding binding = bind(name, EVENTS);
        topology.consumerAdded(name);
        topology.consumerAdded(name);
        topology.consumerEnded(name, false);
        assertThat(registry.recorded()).contains(binding);

        assertThat(restored()).hasSize(3);
        assertThat(topology.currentName(name)).isEqualTo("amq.gen-2");
        assertThat(sent).contains(DeclareMethods.bind(binding, "amq.gen-2"));

        topology.consumerEnded(name, false);
        assertThat(registry.recorded()).containsExactly(EVENTS);
        assertThat(topology.currentName(name)).isEqualTo(name);
    }

    @Test
    void forgottenServerNamedQueueCanBeDeclaredAgain() {
        String name = declare(REPLIES);
        topology.consumerAdded(name);
        topology.consumerEnded(name, true);
        missing.add(name);
        Queue named = REPLIES.named(name);
        assertThat(declare(named)).isEqualTo("amq.gen-2").isEqualTo(topology.currentName(name));

        topology.consumerAdded(name);
        assertThat(restored()).containsExactly(DeclareMethods.of(REPLIES));
        assertThat(topology.currentName(name)).isEqualTo("amq.gen-3");
    }

    @Test
    void queueWhoseConsumerWasRefusedIsKept() {
        Queue queue = Queue.of("q").autoDelete(true);
        declare(queue);
        topology.consumerAdded("q");
        assertThat(topology.consumerRemoved("q")).isTrue();
        assertThat(registry.recorded()).contains(queue);

        topology.consumerAdded("q");
        assertThat(restored()).hasSize(1);
    }

    @Test
    void unconsumedQueueIsNotRestoredNorAreItsBindings() {
        declare(Queue.of("exclusive", FLEETING, "").exclusive(true).durable(false));
        Binding unused = bind("exclusive", EVENTS);
        assertThat(restored()).containsExactly(DeclareMethods.of(EVENTS));
    }

    @Test
    void autoDeleteExchangeIsForgottenWithItsLastBinding() {
        topology.declare(FLEETING).join();
        assertThat(restored()).as("never bound").containsExactly(DeclareMethods.of(FLEETING));

        Queue first = Queue.of("first", FLEETING, "");
        declare(first);
        declare(Queue.of("second"));
        Binding second = bind("second", FLEETING);
        topology.deleteQueue("first", false, false).join();
        assertThat(registry.recorded()).contains(FLEETING);
        topology.unbind(second).join();
        assertThat(registry.recorded()).containsExactly(Queue.of("second"));
    }

    @Test
    void exchangesBoundToAForgottenExchangeAreForgotten() {
        Exchange upstream = Exchange.topic("upstream").autoDelete(true);
        topology.declare(FLEETING).join();
        topology.bind(Binding.of(upstream, "#").toExchange("fleeting")).join();
        String name = declare(REPLIES);
        Binding unused = bind(name, FLEETING);
        topology.consumerAdded(name);
        topology.consumerEnded(name, false);
        assertThat(registry.recorded()).isEmpty();
    }

    @Test
    void queueThatTheBrokerDeletedIsForgotten() {
        declare(Queue.of("cancelled", EVENTS, "key"));
        topology.consumerAdded("cancelled");
        topology.consumerAdded("cancelled");
        topology.consumerEnded("cancelled", true);
        topology.consumerEnded("cancelled", true);
        declare(Queue.of("purged"));
        declare(Queue.of("inspected"));
        missing.addAll(List.of("purged", "inspected"));
        assertThat(topology.purge("purged")).isCompletedExceptionally();
        assertThat(topology.declare(Queue.of("inspected").passive(true))).isCompletedExceptionally();
        assertThat(registry.recorded()).containsExactly(EVENTS);
    }

    @Test
    void bindingWhoseRestoreFindsNothingIsForgotten() {
        Binding binding = bind("of another connection", EVENTS);
        assertThat(restored()).hasSize(2);
        missing.add("of another connection");
        assertThat(restored()).hasSize(2);
        steps.advance(Duration.ofSeconds(11));
        assertThat(registry.recorded()).containsExactly(EVENTS);
        assertThat(restored()).doesNotContain(DeclareMethods.bind(binding, binding.destination()));
    }
}
