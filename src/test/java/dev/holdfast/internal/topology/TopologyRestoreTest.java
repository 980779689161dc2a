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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Entities that the broker refuses to restore, which definition of a name is restored, and names after a restore. */
class TopologyRestoreTest {
    private final RestoreSteps steps = new RestoreSteps();
    private final TopologyRegistry registry = new TopologyRegistry();
    private final Topology topology = new Topology(this::answer, registry, Runnable::run, steps.policy());
    private final List<Method> sent = new ArrayList<>();

    /** Reply codes with which declarations of queues are refused. */
    private final Map<String, Integer> refused = new HashMap<>();

    private int generatedNames;

    private CompletableFuture<Method> answer(Method method) {
        sent.add(method);
        if (method instanceof QueueMethods.Declare declare) {
            Integer code = refused.get(declare.queue());
            String name = declare.queue().isEmpty() ? "amq.gen-" + ++generatedNames : declare.queue();
            return code == null
                    ? CompletableFuture.completedFuture(new QueueMethods.DeclareOk(name, 0, 0))
                    : CompletableFuture.failedFuture(
                            AmqpChannelException.closedByBroker(1, code, "refused", "queue.declare"));
        }
        return CompletableFuture.completedFuture(
                method instanceof ExchangeMethods.Declare
                        ? ExchangeMethods.DeclareOk.INSTANCE
                        : method instanceof QueueMethods.Bind
                                ? QueueMethods.BindOk.INSTANCE
                                : new QueueMethods.DeleteOk(0));
    }

    private List<Method> restored() {
        topology.linkLost();
        sent.clear();
        topology.restore().join();
        return sent;
    }

    @Test
    void refusedEntityIsTriedAgainAndDelaysNoOther() {
        List<String> told = new ArrayList<>();
        topology.onRestored(told::add);
        topology.declare(Queue.of("locked")).join();
        topology.declare(Queue.of("free")).join();
        refused.put("locked", 405);
        assertThat(restored()).hasSize(2);
        assertThat(steps.take()).containsExactly("retrying queue 'locked'");
        assertThat(topology.restoreFailure("locked")).isInstanceOf(AmqpChannelException.class);
        assertThat(topology.restoreFailure("free")).isNull();

        steps.advance(RestoreSteps.MIN);
        assertThat(sent).hasSize(3);
        assertThat(steps.take()).containsExactly("retrying queue 'locked'");
        refused.clear();
        steps.advance(RestoreSteps.MAX);
        assertThat(steps.take()).containsExactly("restored queue 'locked'");
        assertThat(told).containsExactly("locked");
        assertThat(topology.restoreFailure("locked")).isNull();
        steps.advance(RestoreSteps.LIMIT);
        assertThat(sent).hasSize(4);
    }

    /** An unbind changes what is recorded of the queue. */
    @Test
    void queueThatIsRedefinedWhileItWaitsIsRestored() {
        Queue queue = Queue.of("q", Exchange.topic("e"), "key");
        topology.declare(queue).join();
        refused.put("q", 405);
        restored();
        topology.unbind(queue.bindings().get(0).toQueue("q")).join();
        refused.clear();
        sent.clear();
        steps.advance(RestoreSteps.MIN);
        assertThat(sent).contains(DeclareMethods.of(queue));
    }

    @Test
    void entityIsGivenUpAtTheLimitAndTriedOnTheNextLink() {
        topology.declare(Queue.of("locked")).join();
        refused.put("locked", 405);
        restored();
        for (int i = 0; i < 70; i++) {
            steps.advance(Duration.ofSeconds(1));
        }
        assertThat(steps.take()).last().isEqualTo("given up queue 'locked'");
        sent.clear();
        steps.advance(RestoreSteps.LIMIT);
        assertThat(sent).isEmpty();
        refused.clear();
        assertThat(restored()).hasSize(1);
    }

    @Test
    void lostLinkEndsTheAttempts() {
        topology.declare(Queue.of("locked")).join();
        refused.put("locked", 405);
        restored();
        topology.linkLost();
        sent.clear();
        steps.advance(RestoreSteps.LIMIT);
        assertThat(sent).isEmpty();
    }

    @Test
    void newestDefinitionOfAQueueIsRestored() {
        Queue older = Queue.of("q").maxLength(10);
        Queue newer = Queue.of("q").maxLength(20);
        topology.declare(older).join();
        topology.declare(newer).join();
        assertThat(restored()).containsExactly(DeclareMethods.of(newer));
        topology.declare(older).join();
        assertThat(registry.allDeclared(List.of(newer))).isFalse();
        assertThat(restored()).containsExactly(DeclareMethods.of(older));
    }

    /** Two parts of an application may bind the same queue. */
    @Test
    void definitionsThatAgreeAreBothRestored() {
        Queue one = Queue.of("q", Exchange.topic("e"), "one");
        Queue two = Queue.of("q", Exchange.topic("e"), "two");
        topology.declare(one).join();
        topology.declare(two).join();
        assertThat(restored())
                .contains(DeclareMethods.bind(one.bindings().get(0), "q"))
                .contains(DeclareMethods.bind(two.bindings().get(0), "q"));
    }

    @Test
    void newestDefinitionOfAnExchangeIsRestoredWithWhatIsBoundToIt() {
        Exchange older = Exchange.topic("e");
        Exchange newer = Exchange.fanout("e");
        Binding alone = Binding.of(older, "k").toQueue("other");
        topology.declare(older).join();
        topology.declare(Queue.of("q", older, "k")).join();
        topology.bind(alone).join();
        topology.declare(newer).join();
        assertThat(restored())
                .containsExactly(
                        DeclareMethods.of(newer),
                        DeclareMethods.of(Queue.of("q")),
                        DeclareMethods.bind(Binding.of(newer, "k").toQueue("q"), "q"),
                        DeclareMethods.bind(alone, "other"));
    }

    @Test
    void everyNameOfAServerNamedQueueLeadsToThePresentOne() {
        String first = topology.declare(Queue.serverNamed()).join().name();
        topology.consumerAdded(first);
        restored();
        String second =
                topology.declare(Queue.serverNamed().named(first)).join().name();
        assertThat(second).isEqualTo("amq.gen-2");
        restored();
        assertThat(topology.currentName(first)).isEqualTo("amq.gen-3");
        assertThat(topology.currentName(second)).isEqualTo("amq.gen-3");
        assertThat(topology.declare(Queue.of(second).passive(true)).join().name())
                .isEqualTo("amq.gen-3");
        topology.bind(Binding.of(Exchange.topic("e"), "k").toQueue(second)).join();
        assertThat(sent).last().isEqualTo(new QueueMethods.Bind("amq.gen-3", "e", "k", false, Map.of()));
        assertThat(restored()).last().isEqualTo(new QueueMethods.Bind("amq.gen-4", "e", "k", false, Map.of()));
        topology.consumerEnded(second, true);
        assertThat(registry.recorded()).containsExactly(Exchange.topic("e"));
    }

    /** The guard ends the link, and the next one restores everything. */
    @Test
    void attemptThatThrowsIsPassedToTheGuard() {
        RestoreRetries<String> retries = new RestoreRetries<>(steps.policy(), key -> {
            throw new OutOfMemoryError("no memory for " + key);
        });
        assertThat(retries.failed("q", "queue 'q'", new OutOfMemoryError("none")))
                .isNull();
        assertThat(steps.take()).hasSize(1);
        steps.advance(RestoreSteps.MIN);
        assertThat(steps.take()).containsExactly("thrown no memory for q");

        assertThat(retries.failed("q", "queue 'q'", new OutOfMemoryError("none")))
                .isNull();
        retries.tryNow("q");
        assertThat(steps.take()).last().isEqualTo("thrown no memory for q");
    }

    @Test
    void namesOfOneQueueAreBounded() {
        ServerNames names = new ServerNames();
        assertThat(names.add("first")).isTrue();
        for (int i = 0; i <= ServerNames.MAX_NAMES; i++) {
            names.renamed("first", "name " + i);
        }
        assertThat(names.current("first")).isEqualTo("name " + ServerNames.MAX_NAMES);
        assertThat(names.current("name 5")).isEqualTo("name " + ServerNames.MAX_NAMES);
        assertThat(names.contains("name 0")).isFalse();
    }
}
