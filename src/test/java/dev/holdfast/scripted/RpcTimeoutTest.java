package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Binding;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Consumer;
import dev.holdfast.Exchange;
import dev.holdfast.Producer;
import dev.holdfast.Queue;
import dev.holdfast.SimpleQueue;
import dev.holdfast.internal.protocol.TxMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every RPC ends at its deadline when the broker does not reply. */
class RpcTimeoutTest extends ScriptedTest {
    private static final long SECONDS = 10;
    private static final Duration RPC_TIMEOUT = Duration.ofMillis(300);
    private static final Exchange MEDIA = Exchange.direct("media");
    private static final Queue VIDEO = Queue.of("video");
    private static final Binding BINDING = Binding.of(MEDIA, "v").toQueue("video");

    /** A call of a channel that waits for a reply, with the name of its method. */
    private record Call(String name, String variant, Action action) {
        @Override
        public String toString() {
            return name + variant;
        }
    }

    private interface Action {
        void run(Channel channel);
    }

    private static Call call(String name, String variant, Action action) {
        return new Call(name, variant, action);
    }

    static Stream<Call> calls() {
        return Stream.of(
                call("declare", " exchange", c -> c.declare(MEDIA)),
                call("declare", " queue", c -> c.declare(VIDEO)),
                call("declare", " entities", c -> c.declare(MEDIA, VIDEO, BINDING)),
                call("inspect", "", c -> c.inspect("video")),
                call("bind", "", c -> c.bind(BINDING)),
                call("bindTo", " queue", c -> c.bindTo(VIDEO, MEDIA, "v")),
                call("bindTo", " exchange", c -> c.bindTo(Exchange.fanout("all"), MEDIA, "v")),
                call("unbind", "", c -> c.unbind(BINDING)),
                call("unbindFrom", " queue", c -> c.unbindFrom(VIDEO, MEDIA, "v")),
                call("unbindFrom", " exchange", c -> c.unbindFrom(Exchange.fanout("all"), MEDIA, "v")),
                call("purge", " name", c -> c.purge("video")),
                call("purge", " queue", c -> c.purge(VIDEO)),
                call("deleteQueue", "", c -> c.deleteQueue("video")),
                call("delete", " queue", c -> c.delete(VIDEO, true, true)),
                call("deleteExchange", "", c -> c.deleteExchange("media")),
                call("delete", " exchange", c -> c.delete(MEDIA, true)),
                call("get", "", c -> c.get("video", false)),
                call("consume", "", c -> c.consume("video", delivery -> {})),
                call("cancel", "", c -> c.cancel("tag")),
                call("recover", "", c -> c.recover(true)),
                call("flow", "", c -> c.flow(false)),
                call("txSelect", "", Channel::txSelect),
                call("new Producer", "", c -> new Producer(c)),
                call("new Consumer", "", c -> consumer(c).consume()),
                call("new Consumer", " purge", c -> consumer(c).purge()),
                call("new Consumer", " recover", c -> consumer(c).recover(true)),
                call("new Consumer", " flow", c -> consumer(c).flow(true)));
    }

    private static Consumer consumer(Channel channel) {
        return new Consumer(channel, List.of(VIDEO), o -> o).onMessage(message -> {});
    }

    @ParameterizedTest
    @MethodSource("calls")
    void everyRpcTimesOut(Call call) throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(RPC_TIMEOUT))) {
            Channel channel = client.channel();
            assertTimesOut(() -> call.action().run(channel));
        }
    }

    /** Every method with an asynchronous form waits for a reply, and so must be among the tested calls. */
    @Test
    void everyAsynchronousMethodIsCovered() {
        Set<String> waiting = new TreeSet<>();
        for (Method method : Channel.class.getMethods()) {
            if (method.getName().endsWith("Async")) {
                waiting.add(method.getName().replace("Async", ""));
            }
        }
        Set<String> tested = new TreeSet<>(Set.of("txCommit", "txRollback", "close"));
        calls().map(Call::name).forEach(tested::add);
        assertThat(tested).containsAll(waiting);
    }

    @Test
    void channelOpenTimesOut() throws Exception {
        for (java.util.function.Consumer<Connection> call : List.<java.util.function.Consumer<Connection>>of(
                Connection::channel, c -> c.consumer(VIDEO), c -> c.simpleQueue("video"))) {
            try (Client client = broker.connect(broker.options().rpcTimeout(RPC_TIMEOUT))) {
                assertTimesOut(() -> call.accept(client.connection()));
            }
        }
    }

    @Test
    void consumeTimesOutAfterQosOk() throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(RPC_TIMEOUT))) {
            Channel channel = client.channel();
            CompletableFuture<Throwable> consuming =
                    failing(() -> channel.consume("video", ConsumeOptions.defaults(), delivery -> {}));
            client.link().answerQos();
            assertThat(consuming.get(SECONDS, TimeUnit.SECONDS)).isInstanceOf(AmqpTimeoutException.class);
        }
    }

    @Test
    void commitAndRollbackTimeOut() throws Exception {
        for (Action end : List.<Action>of(Channel::txCommit, Channel::txRollback)) {
            try (Client client = broker.connect(broker.options().rpcTimeout(RPC_TIMEOUT))) {
                Channel channel = client.channel();
                CompletableFuture<Throwable> selecting = failing(channel::txSelect);
                client.link().expect(TxMethods.Select.class).reply(TxMethods.SelectOk.INSTANCE);
                assertThat(selecting.get(SECONDS, TimeUnit.SECONDS)).isNull();
                assertTimesOut(() -> end.run(channel));
            }
        }
    }

    @Test
    void everySimpleQueueCallTimesOut() throws Exception {
        for (java.util.function.Consumer<SimpleQueue> call : List.<java.util.function.Consumer<SimpleQueue>>of(
                SimpleQueue::getNow,
                queue -> queue.get(Duration.ofMinutes(5)),
                SimpleQueue::size,
                SimpleQueue::clear)) {
            try (Client client = broker.connect(broker.options().rpcTimeout(RPC_TIMEOUT))) {
                CompletableFuture<SimpleQueue> opening =
                        CompletableFuture.supplyAsync(() -> client.connection().simpleQueue(VIDEO));
                client.link().openChannel();
                client.link().answerQueueDeclare("video");
                SimpleQueue queue = opening.get(SECONDS, TimeUnit.SECONDS);
                assertTimesOut(() -> call.accept(queue));
            }
        }
    }

    /** A close frees its resources even without a reply. */
    @Test
    void channelCloseEndsWithoutCloseOk() throws Exception {
        try (Client client = broker.connect(broker.options().rpcTimeout(RPC_TIMEOUT))) {
            Channel channel = client.channel();
            Throwable thrown = failing(channel::close).get(SECONDS, TimeUnit.SECONDS);
            assertThat(thrown == null || thrown instanceof AmqpTimeoutException)
                    .as("%s", thrown)
                    .isTrue();
            assertThat(channel.isOpen()).isFalse();
        }
    }

    private static void assertTimesOut(Runnable call) throws Exception {
        assertThat(failing(call).get(SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(AmqpTimeoutException.class)
                .hasMessageContaining("after 300 ms (ConnectionOptions.rpcTimeout)");
    }

    /** The exception of the call; null if it returns. */
    private static CompletableFuture<Throwable> failing(Runnable call) {
        return CompletableFuture.supplyAsync(
                () -> catchThrowable(call::run), task -> new Thread(task, "caller").start());
    }
}
