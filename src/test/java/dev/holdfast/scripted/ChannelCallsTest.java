package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Channel;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.MessageProperties;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.QueueMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Received;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Synchronous calls of a channel: their methods, and replies to callers that were interrupted. */
class ChannelCallsTest extends ScriptedTest {
    private static final long SECONDS = 10;

    @Test
    void channelFlowPausesAndResumesDeliveries() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            Channel channel = client.channel();
            for (boolean active : new boolean[] {false, true}) {
                CompletableFuture<Void> flow = CompletableFuture.runAsync(() -> channel.flow(active));
                Received<ChannelMethods.Flow> request = client.link().expect(ChannelMethods.Flow.class);
                assertThat(request.method().active()).isEqualTo(active);
                request.reply(new ChannelMethods.FlowOk(active));
                flow.get(SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eachFutureThatALostLinkEndsHasAnExceptionOfItsOwn(boolean withExecutor) throws Exception {
        ConnectionOptions options = broker.options().completionExecutor(withExecutor ? Runnable::run : null);
        try (Client client = broker.connect(options)) {
            List<CompletableFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Channel channel = client.channel();
                futures.add(channel.getAsync("jobs", false));
                client.link().expect(BasicMethods.Get.class);
                futures.add(client.connection().producer().publishAsync("lost", NO_RETRY));
                client.link().expectPublish();
            }
            client.link().cut();

            Set<Throwable> failures = Collections.newSetFromMap(new IdentityHashMap<>());
            for (CompletableFuture<?> future : futures) {
                failures.add(catchThrowable(() -> future.get(SECONDS, TimeUnit.SECONDS))
                        .getCause());
            }
            assertThat(failures).hasSize(4).allMatch(AmqpException.class::isInstance);
        }
    }

    @Test
    void channelOpenedForAnInterruptedCallerIsClosed() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread caller = new Thread(
                    () -> outcome.complete(
                            catchThrowable(() -> client.connection().channel())),
                    "caller");
            caller.start();
            Received<ChannelMethods.Open> request = client.link().expect(ChannelMethods.Open.class);
            caller.interrupt();
            assertThat(outcome.get(SECONDS, TimeUnit.SECONDS)).isInstanceOf(AmqpTimeoutException.class);
            request.reply(ChannelMethods.OpenOk.INSTANCE);
            client.link().answerChannelClose();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void messageForAnInterruptedCallerIsRequeuedUnlessNoAck(boolean noAck) throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread caller =
                    new Thread(() -> outcome.complete(catchThrowable(() -> channel.get("jobs", noAck))), "caller");
            caller.start();
            Received<BasicMethods.Get> request = link.expect(BasicMethods.Get.class);
            caller.interrupt();
            assertThat(outcome.get(SECONDS, TimeUnit.SECONDS)).isInstanceOf(AmqpTimeoutException.class);
            link.sendContent(
                    request.channel(),
                    new BasicMethods.GetOk(1, false, "", "jobs", 0),
                    MessageProperties.EMPTY,
                    new byte[] {1});
            if (noAck) {
                link.expectSilence(50);
            } else {
                assertThat(link.expect(BasicMethods.Reject.class).method()).isEqualTo(new BasicMethods.Reject(1, true));
            }
        }
    }

    @Test
    void getOnAnIoThreadIsRefusedBeforeItIsSent() throws Exception {
        try (Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Channel channel = client.channel();
            CompletableFuture<Throwable> outcome =
                    channel.purgeAsync("jobs").thenApply(count -> catchThrowable(() -> channel.get("jobs", false)));
            link.expect(QueueMethods.Purge.class).reply(new QueueMethods.PurgeOk(0));
            assertThat(outcome.get(SECONDS, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
            link.expectSilence(50);
        }
    }
}
