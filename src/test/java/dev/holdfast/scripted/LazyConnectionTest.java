package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.AuthenticationFailedException;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.protocol.ExchangeMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.wire.LongString;
import dev.holdfast.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Calls on a connection without a link, while no broker can be reached or all refuse the login. */
class LazyConnectionTest extends ScriptedTest {
    private static final Exchange EVENTS = Exchange.topic("events");

    private void refuseLogin() {
        ScriptedLink link = broker.acceptRaw();
        link.expectProtocolHeader();
        link.send(0, new ConnectionMethods.Start(0, 9, Map.of(), LongString.of("PLAIN"), LongString.of("en_US")));
        link.expect(ConnectionMethods.StartOk.class)
                .reply(new ConnectionMethods.Close(403, "ACCESS_REFUSED - Login was refused", 0, 0));
        link.expect(ConnectionMethods.CloseOk.class);
    }

    /** Opens channels and declares, up to this method; returns its frame. */
    private static ScriptedLink.Frame answerUpTo(Class<? extends Method> last, ScriptedLink link) {
        ScriptedLink.Frame frame = link.next();
        while (!last.isInstance(frame.method())) {
            link.send(
                    frame.channel(),
                    frame.method() instanceof ChannelMethods.Open
                            ? ChannelMethods.OpenOk.INSTANCE
                            : frame.method() instanceof ConfirmMethods.Select
                                    ? ConfirmMethods.SelectOk.INSTANCE
                                    : ExchangeMethods.DeclareOk.INSTANCE);
            frame = link.next();
        }
        return frame;
    }

    private ConnectionOptions patient() {
        return broker.options().rpcTimeout(Duration.ofHours(1)).closeTimeout(Duration.ofMillis(1));
    }

    private static void assertRefused(CompletableFuture<?> call) {
        assertThatThrownBy(call::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("Login was refused");
    }

    @Test
    void callsFailWithTheRefusedLogin() {
        try (Connection connection = Connection.lazy(patient())) {
            CompletableFuture<?> declare =
                    connection.producer(p -> p.exchange(EVENTS)).declareAsync();
            CompletableFuture<?> maybeDeclare = connection.producer().maybeDeclareAsync(Queue.of("q"));
            refuseLogin();
            assertRefused(declare);
            assertRefused(maybeDeclare);
        }
    }

    @Test
    void callAfterARefusedLoginConnectsAgain() {
        try (Connection connection = Connection.lazy(patient())) {
            CompletableFuture<?> first =
                    connection.producer(p -> p.exchange(EVENTS)).declareAsync();
            refuseLogin();
            assertRefused(first);

            CompletableFuture<?> second =
                    connection.producer(p -> p.exchange(EVENTS)).declareAsync();
            ScriptedLink link = broker.accept();
            ScriptedLink.Frame frame = answerUpTo(ExchangeMethods.Declare.class, link);
            link.send(frame.channel(), ExchangeMethods.DeclareOk.INSTANCE);
            second.join();
        }
    }

    @Test
    void callsOfAnOpenChannelWaitForALoginThatIsAccepted() throws Exception {
        try (ScriptedBroker.Client client = broker.connect(patient())) {
            Channel channel = client.channel();
            client.link().cut();
            Await.until("the link is lost", () -> !client.connection().isOpen());
            CompletableFuture<?> declare = channel.declareAsync(EVENTS);
            CompletableFuture<?> get = channel.getAsync("q", true);
            refuseLogin();
            refuseLogin();
            ScriptedLink link = broker.accept();
            ScriptedLink.Frame frame = answerUpTo(BasicMethods.Get.class, link);
            link.send(frame.channel(), BasicMethods.GetEmpty.INSTANCE);
            declare.join();
            get.join();
        }
    }

    @Test
    void timeoutNamesTheFailureOfTheLastRound() throws IOException {
        broker.stopListening();
        ConnectionOptions options = broker.options().rpcTimeout(Duration.ofMillis(500));
        try (Connection connection = Connection.lazy(options.closeTimeout(Duration.ofMillis(1)))) {
            assertThatThrownBy(
                            () -> connection.producer(p -> p.exchange(EVENTS)).declare())
                    .isInstanceOf(AmqpTimeoutException.class)
                    .hasMessageContaining("connection refused");
        }
    }

    @Test
    void timeoutsBeyondTheMaximumAreRefusedOrBounded() {
        Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
        Connection connection = Connection.lazy(patient());
        assertThatThrownBy(() -> connection.ensureConnection(NO_DELAY, endless))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3650 days");
        connection.close(Duration.ofSeconds(Long.MIN_VALUE));
        assertThat(connection.isClosed()).isTrue();
    }
}
