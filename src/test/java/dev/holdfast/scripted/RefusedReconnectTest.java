package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.Channel;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Credentials;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.LogLines;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Refusals of a reconnect: after a link was open, they are tried again as long as something waits for a link. */
class RefusedReconnectTest extends ScriptedTest {
    private static final ConnectionMethods.Close LOGIN =
            new ConnectionMethods.Close(403, "ACCESS_REFUSED - Login was refused", 0, 0);
    private static final ConnectionMethods.Close VHOST =
            new ConnectionMethods.Close(530, "NOT_ALLOWED - vhost / not found", 10, 40);

    private final List<AmqpException> failures = new CopyOnWriteArrayList<>();
    private final CompletableFuture<@Nullable AmqpException> cancelled = new CompletableFuture<>();

    private ConnectionOptions options() {
        return broker.options().closeTimeout(Duration.ofMillis(1)).listener(new ConnectionListener() {
            @Override
            public void connectFailed(AmqpException cause) {
                failures.add(cause);
            }
        });
    }

    private void refuse(ConnectionMethods.Close reason) {
        ScriptedLink link = broker.acceptRaw();
        link.expectProtocolHeader();
        link.send(0, new ConnectionMethods.Start(0, 9, Map.of(), LongString.of("PLAIN"), LongString.of("en_US")));
        ScriptedLink.Received<?> login = link.expect(ConnectionMethods.StartOk.class);
        if (reason.equals(VHOST)) {
            login.reply(new ConnectionMethods.Tune(0, 0, 0));
            link.expect(ConnectionMethods.TuneOk.class);
            link.expect(ConnectionMethods.Open.class);
        }
        link.send(0, reason);
        link.expect(ConnectionMethods.CloseOk.class);
        link.cut();
    }

    /** Starts a consumer that reports its cancellation. */
    private void consume(Client client) throws Exception {
        Channel channel = client.channel();
        CompletableFuture<String> starting =
                channel.consumeAsync("q", ConsumeOptions.defaults(), new DeliveryHandler() {
                    @Override
                    public void handle(Delivery delivery) {}

                    @Override
                    public void cancelled(String consumerTag, @Nullable AmqpException reason) {
                        cancelled.complete(reason);
                    }
                });
        ScriptedConsumer.start(client.link(), starting);
    }

    private static void cut(Client client) throws Exception {
        client.link().cut();
        Await.until("the link is lost", () -> !client.connection().isOpen());
    }

    /** A link whose channels are opened again, up to the consumer. */
    private void acceptConsumer() {
        ScriptedLink link = broker.accept();
        link.openChannel();
        link.openChannel();
        link.openChannel();
        link.expect(ConfirmMethods.Select.class).reply(ConfirmMethods.SelectOk.INSTANCE);
        ScriptedConsumer.answer(link);
    }

    @Test
    void consumerIsRestoredAfterRefusalsOfLoginAndVirtualHost() throws Exception {
        try (LogLines log = new LogLines();
                Client client = broker.connect(options())) {
            consume(client);
            cut(client);
            refuse(LOGIN);
            refuse(VHOST);
            refuse(LOGIN);
            acceptConsumer();
            Await.until("the link", client.connection()::isOpen);

            awaitFailures(3);
            assertThat(failures).hasSize(3).allMatch(AmqpException::recoverable);
            assertThat(failures.get(0)).isInstanceOf(AuthenticationFailedException.class);
            assertThat(((AuthenticationFailedException) failures.get(0)).replyCode())
                    .isEqualTo(403);
            assertThat(failures.get(1))
                    .isInstanceOf(ConnectFailedException.class)
                    .hasMessageContaining("530");
            assertThat(cancelled).isNotDone();
            assertThat(log.text()).containsPattern("(?s)Login was refused.*vhost / not found.*Login was refused");
        }
    }

    @Test
    void publishesWaitForALoginThatIsAccepted() throws Exception {
        try (Client client = broker.connect(options())) {
            cut(client);
            var once = client.connection().producer().publishAsync("once", NO_RETRY);
            var retried = client.connection().producer().publishAsync("retried", WITH_RETRY);
            refuse(LOGIN);
            refuse(LOGIN);
            ScriptedLink link = broker.acceptRestored();
            link.ackAllUpTo(link.expectPublishes("once", "retried"), 2);

            PublishOutcome.confirmed(once);
            PublishOutcome.confirmed(retried);
        }
    }

    @Test
    void failingSupplierIsAskedAgain() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        ConnectionOptions failing = options().credentials(() -> {
            int call = calls.incrementAndGet();
            if (call == 2 || call == 3) {
                throw new IllegalStateException("vault is sealed");
            }
            return new Credentials("guest", "guest");
        });
        try (Client client = broker.connect(failing)) {
            consume(client);
            cut(client);
            acceptConsumer();
            Await.until("the link", client.connection()::isOpen);

            awaitFailures(2);
            assertThat(failures).hasSize(2);
            assertThat(cancelled).isNotDone();
        }
    }

    /** The listener is told on a thread of its own. */
    private void awaitFailures(int count) throws Exception {
        Await.until("the listener is told", () -> failures.size() >= count);
    }

    @Test
    void roundsEndWithTheFirstRefusalIfNothingWaits() throws Exception {
        try (Client client = broker.connect(options())) {
            cut(client);
            refuse(LOGIN);
            Await.until(
                    "the end of the rounds",
                    () -> client.connection().toString().contains("IDLE"));
            awaitFailures(1);
            assertThat(failures).singleElement().matches(failure -> !failure.recoverable());

            var wakes = client.connection().producer().publishAsync("wakes", NO_RETRY);
            refuse(LOGIN);
            ScriptedLink link = broker.acceptRestored();
            link.ack(link.expectPublishes("wakes"), 1);
            PublishOutcome.confirmed(wakes);
        }
    }

    @Test
    void limitCancelsConsumersWithTheReasonAndFailsWhatWaits() throws Exception {
        try (Client client = broker.connect(options().reconnectLimit(Duration.ofNanos(1)))) {
            consume(client);
            cut(client);
            var publish = client.connection().producer().publishAsync("waits", WITH_RETRY);
            refuse(LOGIN);
            AmqpException reason = cancelled.get(10, TimeUnit.SECONDS);

            assertThat(reason)
                    .isInstanceOf(AuthenticationFailedException.class)
                    .hasMessageContaining("no connection within reconnectLimit")
                    .hasMessageContaining("Login was refused")
                    .matches(cause -> !cause.recoverable());
            assertThat(PublishOutcome.failed(publish, DeliveryStatus.NOT_SENT)).hasMessageContaining("reconnectLimit");

            var next = client.connection().producer().publishAsync("next", NO_RETRY);
            ScriptedLink link = broker.accept();
            link.openChannel();
            link.openChannel();
            link.openConfirming();
            link.ack(link.expectPublishes("next"), 1);
            PublishOutcome.confirmed(next);
        }
    }

    @Test
    void limitHoldsForAnUnreachableBrokerToo() throws Exception {
        try (Client client = broker.connect(options().reconnectLimit(Duration.ofMillis(50)))) {
            consume(client);
            broker.stopListening();
            cut(client);

            assertThat(cancelled.get(10, TimeUnit.SECONDS)).hasMessageContaining("connection refused");
            Await.until(
                    "the listener is told of the end",
                    () -> failures.stream().anyMatch(failure -> !failure.recoverable()));
        }
    }

    @Test
    void firstConnectIsNotRetried() {
        CompletableFuture<Connection> opening = CompletableFuture.supplyAsync(() -> Connection.open(options()));
        refuse(LOGIN);
        assertThatThrownBy(() -> opening.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(AuthenticationFailedException.class);
    }
}
