package dev.holdfast.scripted;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Producer;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedBroker.NumberedChannel;
import dev.holdfast.testing.Await;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A closed channel is not retained: not by the timers of its calls, publishes and close. */
class ClosedChannelTest extends ScriptedTest {
    private static final int CHANNELS = 5;
    private static final Duration LONG = Duration.ofHours(1);

    @Test
    void closedChannelIsNotRetainedUntilItsTimeouts() throws Exception {
        assertClosedChannelsAreGarbage(broker);
    }

    /** Uses and closes channels, and waits until they are garbage. */
    static void assertClosedChannelsAreGarbage(ScriptedBroker broker) throws Exception {
        ConnectionOptions options =
                broker.options().rpcTimeout(LONG).confirmTimeout(LONG).closeTimeout(LONG);
        try (Client client = broker.connect(options)) {
            List<WeakReference<?>> callbacks = new ArrayList<>();
            for (int i = 0; i < CHANNELS; i++) {
                callbacks.addAll(useAndClose(client));
            }
            Await.until("the channels are garbage", () -> {
                System.gc();
                return callbacks.stream().allMatch(callback -> callback.get() == null);
            });
        }
    }

    /** Returns references to callbacks that only the channel refers to. */
    private static List<WeakReference<?>> useAndClose(Client client) throws Exception {
        ScriptedLink link = client.link();
        NumberedChannel opened = client.openChannel();
        Channel channel = opened.channel();
        Consumer<ReturnedMessage> onReturn = message -> opened.number();
        channel.onReturn(onReturn);
        Object handler = startConsumer(link, channel);
        CompletableFuture<Long> purging = channel.purgeAsync("q");
        link.expect(QueueMethods.Purge.class).reply(new QueueMethods.PurgeOk(1));
        purging.get(10, TimeUnit.SECONDS);
        CompletableFuture<Producer> selecting = CompletableFuture.supplyAsync(() -> new Producer(channel));
        link.expect(ConfirmMethods.Select.class).reply(ConfirmMethods.SelectOk.INSTANCE);
        CompletableFuture<Confirmation> published =
                selecting.get(10, TimeUnit.SECONDS).publishAsync("body", NO_RETRY.timeout(LONG));
        link.ack(link.expectPublishes("body"), 1);
        PublishOutcome.confirmed(published);
        CompletableFuture<Void> closing = channel.closeAsync();
        link.answerChannelClose();
        closing.get(10, TimeUnit.SECONDS);
        return List.of(new WeakReference<>(onReturn), new WeakReference<>(handler));
    }

    private static Object startConsumer(ScriptedLink link, Channel channel) throws Exception {
        dev.holdfast.DeliveryHandler handler = delivery -> {
            String unused = channel.toString();
        };
        CompletableFuture<String> starting = channel.consumeAsync("q", ConsumeOptions.defaults(), handler);
        ScriptedConsumer.start(link, starting);
        CompletableFuture<Void> cancelling = channel.cancelAsync(starting.get());
        link.expect(BasicMethods.Cancel.class).reply(new BasicMethods.CancelOk(starting.get()));
        cancelling.get(10, TimeUnit.SECONDS);
        return handler;
    }
}
