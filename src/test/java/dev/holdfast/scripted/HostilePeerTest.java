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
        List<Misbehaviour> all = new ArrayList<>(Misbehaviour.frames(FRAME_MAX));
        all.addAll(Misbehaviour.malformed(SEED));
        all.addAll(Misbehaviour.outOfPlace(SEED));
        all.addAll(Misbehaviour.contents());
        all.addAll(Misbehaviour.confirms());
        System.out.printf(
                "HostilePeerTest: %d misbehaviours in %d scenes, seed %d (repeat with -Dholdfast.seed=%3$d)%n",
                all.size(), Scene.values().length, SEED);
        return Stream.of(Scene.values())
                .flatMap(scene -> all.stream()
                        .map(each -> DynamicTest.dynamicTest(scene + ": " + each, () -> runNamed(scene, each))));
    }

    /** Names the case in the failure, because build tools show dynamic tests as numbers. */
    private static void runNamed(Scene scene, Misbehaviour misbehaviour) {
        try {
            assertClosedWithReplyCode(scene, misbehaviour);
        } catch (Exception | AssertionError e) {
            throw new AssertionError(scene + ": " + misbehaviour, e);
        }
    }

    private static void assertClosedWithReplyCode(Scene scene, Misbehaviour misbehaviour) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            ScriptedLink link = client.link();
            Scene.Setting setting = scene.enter(client);
            link.sendRaw(misbehaviour.bytes().apply(setting.channel()));
            int code = misbehaviour.code().applyAsInt(scene);
            boolean tolerated = code == Misbehaviour.NONE;
            if (tolerated) {
                code = Misbehaviour.FRAME_ERROR; // a connection that stayed open reports this one
                link.sendRaw(GARBAGE);
            }
            assertThat(link.expectConnectionClose().replyCode()).isEqualTo(code);
            endLink(link, misbehaviour.hashCode());
            for (CompletableFuture<?> each : setting.pending()) {
                boolean again =
                        scene == Scene.PUBLISHED && each == setting.pending().get(1);
                if (!again) {
                    assertEnded(each, tolerated ? 0 : code);
                }
            }
            // The effect of a channel.close on its publishes depends on its reply text, here random. See
            // ChannelCloseTest.
            if (scene.confirms && !misbehaviour.name().startsWith("channel.close that")) {
                assertRecovers(
                        broker,
                        client,
                        scene == Scene.PUBLISHED ? setting.pending().get(1) : null);
            }
        }
    }

    /** Ends the link in one of the ways in which a peer may react to connection.close. */
    private static void endLink(ScriptedLink link, int choice) {
        switch (choice & 3) {
            case 0 -> link.send(0, ConnectionMethods.CloseOk.INSTANCE);
            case 1 -> link.cut();
            case 2 -> link.sendRaw(GARBAGE);
            default -> link.send(0, new ConnectionMethods.Close(501, "it was you", 0, 0));
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
        Ending.confirmed(again);
        if (retransmitted != null) {
            assertThat(catchThrowable(() -> retransmitted.get(10, TimeUnit.SECONDS)))
                    .isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closedConnectionLeavesNoSocketOpen(Scene scene) throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                Client client = broker.connect(broker.options())) {
            scene.enter(client);
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
                Ending.confirmed(connection.producer().publishAsync("sent", PublishOptions.to("", "q")));
                link.ack(link.expectPublish().channel(), 1);
                assertThat(link.expectConnectionClose().replyCode()).isEqualTo(Misbehaviour.PRECONDITION_FAILED);
                connection.close(Duration.ZERO);
            }
        }
    }

    /** Legal at any time: pending operations end with the peer's reason, and the session recovers. */
    @ParameterizedTest
    @EnumSource
    void connectionCloseFromThePeerEndsPendingOperations(Scene scene) throws Exception {
        for (int code : new int[] {320, 404, 501, 541, 542, 0, 65535}) {
            try (ScriptedBroker broker = ScriptedBroker.start();
                    Client client = broker.connect(broker.options())) {
                Scene.Setting setting = scene.enter(client);
                ScriptedLink link = client.link();
                ConnectionMethods.Close close = new ConnectionMethods.Close(code, "so there", 0, 0);
                link.sendTogether(0, close, close, close);
                link.expect(ConnectionMethods.CloseOk.class);
                link.expectSilence(20); // the close is answered once
                for (CompletableFuture<?> each : setting.pending()) {
                    if (each != setting.retransmitted()) {
                        assertEnded(each, 0);
                    }
                }
                if (scene.confirms) {
                    assertRecovers(broker, client, setting.retransmitted());
                }
            }
        }
    }

    /** Violations between connection.close and its close-ok: the close ends long before its timeout. */
    @TestFactory
    Stream<DynamicTest> violationsDuringACloseDoNotDelayIt() {
        List<Misbehaviour> all = new ArrayList<>(Misbehaviour.frames(FRAME_MAX));
        all.addAll(Misbehaviour.outOfPlace(SEED));
        return all.stream()
                .map(each -> DynamicTest.dynamicTest(each.toString(), () -> {
                    try (ScriptedBroker broker = ScriptedBroker.start();
                            Client client = broker.connect(broker.options())) {
                        CompletableFuture<Void> closing = client.connection().closeAsync(Duration.ofSeconds(30));
                        client.link().expect(ConnectionMethods.Close.class);
                        client.link().sendRaw(each.bytes().apply(client.publishChannel()));
                        client.link().send(0, ConnectionMethods.CloseOk.INSTANCE);
                        client.link().cut();
                        closing.get(10, TimeUnit.SECONDS);
                    }
                }));
    }
}
