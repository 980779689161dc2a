package dev.holdfast.jmh.adapter;

import dev.holdfast.MessageProperties;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.protocol.BasicMethods;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The physical ceiling: copies frames that are encoded once into a buffer of 64 KiB, makes one blocking write per
 * buffer, and drops the acks on another thread. It keeps no outcome and no window, so that only the kernel, the peer
 * and one copy remain. Supports one publisher.
 */
final class Ceiling implements LoadConnection {
    private static final int BUFFER = 64 << 10;

    private final SocketChannel socket;
    private final RawChannel raw;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private byte[] frames = {};
    private int encodedLength = -1;

    Ceiling(URI uri, boolean confirms) throws IOException {
        this.socket = RawChannel.connect(uri);
        this.raw = new RawChannel(socket, confirms);
        Thread reader = new Thread(raw::readUntilClosed, "ceiling-read");
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public ConfirmedPublisher publisher() {
        return new Publisher();
    }

    @Override
    public void settle() throws IOException, InterruptedException {
        flush();
        raw.call(new BasicMethods.Qos(0, 1, false));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            int unused = socket.write(buffer);
        }
        buffer.clear();
    }

    private void append(byte[] bytes) throws IOException {
        int from = 0;
        while (from < bytes.length) {
            int length = Math.min(buffer.remaining(), bytes.length - from);
            buffer.put(bytes, from, length);
            from += length;
            if (!buffer.hasRemaining()) {
                flush();
            }
        }
    }

    private static byte[] encode(byte[] body) {
        MessageProperties properties = MessageProperties.EMPTY
                .contentType("application/data")
                .contentEncoding("binary")
                .deliveryMode(2);
        ByteBuffer out = ByteBuffer.allocate(body.length + 1024);
        PublishTemplate.of(Target.EXCHANGE, Target.ROUTING_KEY, false, false, properties)
                .encode(out, RawChannel.NUMBER, body, RawChannel.FRAME_MAX);
        return Arrays.copyOf(out.array(), out.position());
    }

    private final class Publisher implements ConfirmedPublisher {
        @Override
        public @Nullable CompletableFuture<?> publish(byte[] body) throws IOException {
            if (body.length != encodedLength) {
                frames = encode(body);
                encodedLength = body.length;
            }
            append(frames);
            return null;
        }

        @Override
        public void publishAndWait(byte[] body) throws Exception {
            CompletableFuture<?> unused = publish(body);
            settle();
        }

        @Override
        public void await() throws Exception {
            settle();
        }
    }
}
