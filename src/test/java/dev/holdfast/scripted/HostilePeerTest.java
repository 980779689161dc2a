package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.scripted.ScriptedLink.Published;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Protocol violations by the peer in every state of the client. The client closes the connection with the right reply
 * code, pending operations fail with an AmqpException, and the session recovers on its next link.
 */
class HostilePeerTest {
    private static final long SEED = Long.getLong("holdfast.seed", System.nanoTime());
    private static final int FRAME_MAX = 131_072;
    private static final byte[] GARBAGE = new byte[1000];

    @TestFactory
    Stream<DynamicTest> violationsCloseTheConnectionAndTheSessionRecovers() {
        List<ProtocolViolation> all = new ArrayList<>(ProtocolViolation.frames(FRAME_MAX));
        all.addAll(ProtocolViolation.malformed(SEED));
        all.addAll(ProtocolViolation.outOfPlace(SEED));
        all.addAll(ProtocolViolation.contents());
        all.addAll(ProtocolViolation.confirms());
        System.out.printf(
                "HostilePeerTest: %d violations in %d client states, seed %d (repeat with -Dholdfast.seed=%3$d)%n",
                all.size(), ClientState.values().length, SEED);
        return Stream.of(ClientState.values())
                .flatMap(state -> all.stream()
                        .map(violation ->
                                DynamicTest.dynamicTest(state + ": " + violation, () -> runNamed(state, violation))));
    }

    /** Names the case in the failure, because build tools show dynamic tests as numbers. */
    private static void runNamed(ClientState state, ProtocolViolation violation) {
        try {
            assertClosedWithReplyCode(state, violation);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(state + ": " + violation, e);
        }
    }

    private static void assertClosedWithReplyCode(ClientState state, ProtocolViolation violation) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            ClientState.Context context = state.enter(client);
            link.sendRaw(violation.bytes().apply(context.channel()));
            int code = violation.code().applyAsInt(state);
            boolean tolerated = code == ProtocolViolation.NONE;
            if (tolerated) {
                code = ProtocolViolation.FRAME_ERROR; // a connection that stayed open reports this one
                link.sendRaw(GARBAGE);
            }
            assertThat(link.expectConnectionClose().replyCode()).isEqualTo(code);
            endLink(link, violation.hashCode());
            for (CompletableFuture<?> operation : context.pending()) {
                if (operation != context.retransmitted()) {
                    assertEnded(operation, tolerated ? 0 : code);
                }
            }
            // The effect of a channel.close on its publishes depends on its reply text, here random. See
            // ChannelCloseTest.
            if (state.confirms && !violation.name().startsWith("channel.close that")) {
                assertRecovers(broker, client, context.retransmitted());
            }
        }
    }

    /** Ends the link in one of the ways in which a peer may react to connection.close. */
    private static void endLink(ScriptedLink link, int choice) {
        switch (choice & 3) {
            case 0 -> link.send(0, ConnectionMethods.CloseOk.INSTANCE);
            case 1 -> link.cut();
            case 2 -> link.sendRaw(GARBAGE);
            default -> link.send(0, new ConnectionMethods.Close(501, "crossing close", 0, 0));
        }
    }

    /** Awaits the end of the operation. A failure must be an AmqpException, with this reply code unless that is 0. */
    private static void assertEnded(CompletableFuture<?> pending, int code) throws Exception {
        try {
            pending.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(AmqpException.class);
            if (code != 0) {
                assertThat(replyCode(e)).isEqualTo(code);
            }
        }
    }

    private static int replyCode(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        while (cause != null && !(cause instanceof AmqpProtocolException)) {
            cause = cause.getCause();
        }
        assertThat(cause).as("protocol exception behind " + thrown).isNotNull();
        return ((AmqpProtocolException) cause).replyCode().code();
    }

    private static void assertRecovers(
            ScriptedBroker broker, Client client, @Nullable CompletableFuture<?> retransmitted) throws Exception {
        ScriptedLink next = broker.acceptRestored();
        CompletableFuture<Confirmation> again = client.connection()
                .producer()
                .publishAsync("again", PublishOptions.to("", "q").retry());
        for (int left = retransmitted == null ? 1 : 2; left > 0; left--) {
            Published published = next.expectPublish();
            assertThat(published.text()).isEqualTo("again");
            next.ackAllUpTo(published.channel(), 0);
        }
        PublishOutcome.confirmed(again);
        if (retransmitted != null) {
            assertThat(catchThrowable(() -> retransmitted.get(10, TimeUnit.SECONDS)))
                    .isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closedConnectionLeavesNoSocketOpen(ClientState state) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            state.enter(client);
            client.link().sendRaw(GARBAGE);
            client.link().expectConnectionClose();
            client.connection().close(Duration.ZERO);
            client.link().expectEnd(); // without close-ok, and before closeTimeout
        }
    }

    @Test
    void confirmOutsideConfirmModeIsAViolation() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start()) {
            CompletableFuture<Connection> opening = CompletableFuture.supplyAsync(
                    () -> Connection.open(broker.options().confirms(false)));
            ScriptedLink link = broker.accept();
            link.openChannel();
            link.openChannel();
            try (Connection connection = opening.get(10, TimeUnit.SECONDS)) {
                PublishOutcome.confirmed(connection.producer().publishAsync("sent", PublishOptions.to("", "q")));
                link.ack(link.expectPublish().channel(), 1);
                assertThat(link.expectConnectionClose().replyCode()).isEqualTo(ProtocolViolation.PRECONDITION_FAILED);
                connection.close(Duration.ZERO);
            }
        }
    }

    /** Legal at any time: pending operations end with the peer's reason, and the session recovers. */
    @ParameterizedTest
    @EnumSource
    void connectionCloseFromThePeerEndsPendingOperations(ClientState state) throws Exception {
        for (int code : new int[] {320, 404, 501, 541, 542, 0, 65535}) {
            try (ScriptedBroker broker = ScriptedBroker.start();
                    Client client = broker.connect(broker.options())) {
                ClientState.Context context = state.enter(client);
                ScriptedLink link = client.link();
                ConnectionMethods.Close close = new ConnectionMethods.Close(code, "closed by the test", 0, 0);
                link.sendTogether(0, close, close, close);
                link.expect(ConnectionMethods.CloseOk.class);
                link.expectSilence(20); // the close is answered once
                for (CompletableFuture<?> operation : context.pending()) {
                    if (operation != context.retransmitted()) {
                        assertEnded(operation, 0);
                    }
                }
                if (state.confirms) {
                    assertRecovers(broker, client, context.retransmitted());
                }
            }
        }
    }

    /** Violations between connection.close and its close-ok: the close ends long before its timeout. */
    @TestFactory
    Stream<DynamicTest> violationsDuringACloseDoNotDelayIt() {
        List<ProtocolViolation> all = new ArrayList<>(ProtocolViolation.frames(FRAME_MAX));
        all.addAll(ProtocolViolation.outOfPlace(SEED));
        return all.stream()
                .map(violation -> DynamicTest.dynamicTest(violation.toString(), () -> {
                    try (ScriptedBroker broker = ScriptedBroker.start();
                            Client client = broker.connect(broker.options())) {
                        CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(30));
                        client.link().expect(ConnectionMethods.Close.class);
                        client.link().sendRaw(violation.bytes().apply(client.publishChannel()));
                        client.link().send(0, ConnectionMethods.CloseOk.INSTANCE);
                        client.link().cut();
                        closing.get(10, TimeUnit.SECONDS);
                    }
                }));
    }
}
