package dev.holdfast.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpProtocolException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.Transport;
import dev.holdfast.internal.eventloop.NettyTransport;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.internal.wire.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LinkTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static EventLoopGroup group;

    private RecordingLinkListener listener = new RecordingLinkListener();

    @BeforeAll
    static void startLoop() {
        group = NettyTransport.of(Transport.NIO).newGroup("link-test");
    }

    @AfterAll
    static void stopLoop() throws InterruptedException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    @Test
    void framesArePassedAndChannelZeroIsHandled() throws Exception {
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.open();
            peer.send(0, new ConnectionMethods.Blocked("low on memory"));
            peer.send(0, ConnectionMethods.Unblocked.INSTANCE);
            peer.send(0, ConnectionMethods.UpdateSecretOk.INSTANCE);
            peer.sendBytes(8, 0, 0, 0, 0, 0, 0, 0xCE);
            peer.send(3, new BasicMethods.Ack(7, true));
            peer.expect(ChannelMethods.Open.class);
            peer.awaitClose();
        })) {
            Link link = connect(server);
            assertThat(listener.next()).isEqualTo("blocked low on memory");
            assertThat(listener.next()).isEqualTo("unblocked");
            assertThat(listener.next()).isEqualTo("secret updated");
            assertThat(listener.next()).isEqualTo("frame 1 3 13");
            onLoop(link, () -> {
                link.write(1, ChannelMethods.Open.INSTANCE);
                link.flush();
            });
            link.abort(new AmqpConnectionException("enough", null, 0, Initiator.CLIENT, true));
            assertThat(cause()).hasMessage("enough");
            server.awaitEnd();
        }
    }

    @Test
    void closeWaitsForCloseOk() throws Exception {
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.open();
            ConnectionMethods.Close close = peer.expect(ConnectionMethods.Close.class);
            assertThat(close.replyCode()).isEqualTo(200);
            peer.send(3, new BasicMethods.Ack(7, true));
            peer.send(0, ConnectionMethods.CloseOk.INSTANCE).awaitClose();
        })) {
            Link link = connect(server);
            link.close(ReplyCode.REPLY_SUCCESS, "bye", LONG).sync();
            assertThat(cause()).hasMessage("connection closed by this client: 200 bye");
            assertThat(listener.events).isEmpty();
            server.awaitEnd();
        }
    }

    @Test
    void closeEndsAtTheTimeoutWithoutCloseOk() throws Exception {
        try (ScriptedServer server = new ScriptedServer(peer -> peer.open().awaitClose())) {
            Link link = connect(server);
            link.close(ReplyCode.REPLY_SUCCESS, "bye", Duration.ofMillis(50)).sync();
            assertThat(cause()).hasMessageContaining("200 bye");
            server.awaitEnd();
        }
    }

    @Test
    void closeByTheBrokerIsQuotedAndAnswered() throws Exception {
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.open();
            peer.send(0, new ConnectionMethods.Close(320, "CONNECTION_FORCED - by hand", 0, 0));
            peer.expect(ConnectionMethods.CloseOk.class);
        })) {
            connect(server);
            assertThat(cause())
                    .hasMessage("connection closed by broker: 320 CONNECTION_FORCED - by hand")
                    .matches(AmqpException::recoverable);
            server.awaitEnd();
        }
    }

    @Test
    void closeByTheBrokerNamesTheFailedMethod() throws Exception {
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.open();
            peer.send(0, new ConnectionMethods.Close(503, "COMMAND_INVALID - unknown exchange type", 40, 10));
            peer.expect(ConnectionMethods.CloseOk.class);
        })) {
            connect(server);
            assertThat(cause())
                    .hasMessage("connection closed by broker: 503 COMMAND_INVALID - unknown exchange type"
                            + " (exchange.declare)")
                    .matches(e -> !e.recoverable());
        }
    }

    @Test
    void lostLinkIsReported() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Peer::open)) {
            connect(server);
            assertThat(cause())
                    .isInstanceOf(AmqpConnectionException.class)
                    .hasMessageStartingWith("connection lost: ")
                    .matches(AmqpException::recoverable);
        }
    }

    @Test
    void malformedFrameCloses501() throws Exception {
        assertViolation(ReplyCode.FRAME_ERROR, peer -> peer.sendBytes(1, 0, 1, 0, 0, 0, 0, 0xCD));
    }

    @Test
    void unknownOrUnexpectedMethodCloses503() throws Exception {
        assertViolation(ReplyCode.COMMAND_INVALID, peer -> peer.sendBytes(1, 0, 0, 0, 0, 0, 4, 0, 10, 0, 99, 0xCE));
        listener = new RecordingLinkListener();
        assertViolation(ReplyCode.COMMAND_INVALID, peer -> peer.tune(0, 0, 0));
    }

    @Test
    void contentOnChannelZeroCloses505() throws Exception {
        assertViolation(ReplyCode.UNEXPECTED_FRAME, peer -> peer.sendBytes(3, 0, 0, 0, 0, 0, 0, 0xCE));
    }

    @Test
    void malformedExceptionOfTheListenerCloses502() throws Exception {
        listener = new ThrowingListener(new MalformedException("bad table"));
        assertViolation(ReplyCode.SYNTAX_ERROR, peer -> peer.send(1, new BasicMethods.Ack(1, false)));
    }

    @Test
    void otherExceptionOfTheListenerCloses541() throws Exception {
        listener = new ThrowingListener(new IllegalStateException("bug"));
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.open().send(1, new BasicMethods.Ack(1, false));
            ConnectionMethods.Close close = peer.expect(ConnectionMethods.Close.class);
            assertThat(close.replyCode()).isEqualTo(541);
            peer.send(0, ConnectionMethods.CloseOk.INSTANCE).awaitClose();
        })) {
            connect(server);
            assertThat(cause()).hasMessageContaining("bug").hasRootCauseMessage("bug");
            server.awaitEnd();
        }
    }

    @Test
    void writesAfterTheCloseAreReleased() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Peer::open)) {
            Link link = connect(server);
            cause();
            ByteBuf frames = Unpooled.buffer();
            FrameFormat.writeHeartbeat(frames);
            onLoop(link, () -> link.write(frames));
            assertThat(frames.refCnt()).isZero();
            assertThat(link.close(ReplyCode.REPLY_SUCCESS, "late", LONG).sync().isSuccess())
                    .isTrue();
        }
    }

    @Test
    void connectIsCancelled() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Peer::awaitClose)) {
            Future<Link> connecting =
                    Connects.connect(group.next(), server.address(), ConnectionOptions.defaults(), listener);
            connecting.cancel(false);
            assertThat(connecting.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(connecting.isCancelled()).isTrue();
            assertThat(listener.closed).isNotDone();
        }
    }

    private void assertViolation(ReplyCode code, ScriptedServer.Script violation) throws Exception {
        try (ScriptedServer server = new ScriptedServer(peer -> {
            peer.open();
            violation.play(peer);
            ConnectionMethods.Close close = peer.expect(ConnectionMethods.Close.class);
            assertThat(close.replyCode()).isEqualTo(code.code());
            peer.send(0, ConnectionMethods.CloseOk.INSTANCE);
        })) {
            connect(server);
            assertThat(cause())
                    .isInstanceOf(AmqpProtocolException.class)
                    .extracting(e -> ((AmqpProtocolException) e).replyCode())
                    .isEqualTo(code);
            server.awaitEnd();
            assertThat(listener.timesClosed).hasValue(1);
        }
    }

    private AmqpException cause() throws Exception {
        return listener.closed.get(20, TimeUnit.SECONDS);
    }

    private Link connect(ScriptedServer server) throws InterruptedException {
        ConnectionOptions options = ConnectionOptions.defaults().closeTimeout(LONG);
        return Connects.connect(group.next(), server.address(), options, listener)
                .sync()
                .getNow();
    }

    private static void onLoop(Link link, Runnable task) throws Exception {
        CompletableFuture.runAsync(task, link.loop()).get(10, TimeUnit.SECONDS);
    }

    private static final class ThrowingListener extends RecordingLinkListener {
        private final RuntimeException exception;

        ThrowingListener(RuntimeException exception) {
            this.exception = exception;
        }

        @Override
        public void frame(int type, int channel, ByteBuf in, int length) {
            throw exception;
        }
    }
}
