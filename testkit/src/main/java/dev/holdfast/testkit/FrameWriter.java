package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gathers a server's method frames and writes them at once. All methods belong to the thread of the connection, but for
 * {@link #heartbeat}, {@link #frames} and {@link #writes}, which any thread may call.
 */
final class FrameWriter {
    static final int TYPE_METHOD = 1;
    static final int TYPE_HEADER = 2;
    static final int TYPE_BODY = 3;
    static final int TYPE_HEARTBEAT = 8;
    static final byte FRAME_END = (byte) 0xCE;

    private static final int CAPACITY = 256 << 10;
    private static final int ACK_FRAME = 21;
    /** No other method that a discarding broker sends is longer. */
    private static final int LONGEST_METHOD = 1024;

    private final WritableByteChannel target;
    private final ByteBuffer out = ByteBuffer.allocateDirect(CAPACITY);
    private final ByteBuffer heartbeat = ByteBuffer.allocateDirect(8);
    private final ReentrantLock writing = new ReentrantLock();
    private final AtomicInteger writes = new AtomicInteger();
    private int frameStart;

    FrameWriter(WritableByteChannel target) {
        this.target = target;
        heartbeat.put((byte) TYPE_HEARTBEAT).putShort((short) 0).putInt(0).put(FRAME_END);
    }

    /** basic.ack, the one method that is worth a path of its own. */
    void ack(int channel, long deliveryTag, boolean multiple) throws IOException {
        if (out.remaining() < ACK_FRAME) {
            flush();
        }
        out.put((byte) TYPE_METHOD).putShort((short) channel).putInt(ACK_FRAME - 8);
        out.putInt(MethodIds.BASIC_ACK).putLong(deliveryTag);
        out.put((byte) (multiple ? 1 : 0)).put(FRAME_END);
    }

    FrameWriter begin(int channel, int methodId) throws IOException {
        if (out.remaining() < LONGEST_METHOD) {
            flush();
        }
        frameStart = out.position();
        out.put((byte) TYPE_METHOD).putShort((short) channel).putInt(0).putInt(methodId);
        return this;
    }

    FrameWriter octet(int value) {
        out.put((byte) value);
        return this;
    }

    FrameWriter shortInt(int value) {
        out.putShort((short) value);
        return this;
    }

    FrameWriter longInt(int value) {
        out.putInt(value);
        return this;
    }

    FrameWriter shortString(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        int length = Math.min(bytes.length, 255);
        out.put((byte) length).put(bytes, 0, length);
        return this;
    }

    FrameWriter longString(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        out.putInt(bytes.length).put(bytes);
        return this;
    }

    /** A field table entry of type {@code t}, true. */
    FrameWriter flagEntry(String name) {
        return shortString(name).octet('t').octet(1);
    }

    FrameWriter textEntry(String name, String text) {
        return shortString(name).octet('S').longString(text);
    }

    /** Leaves room for the length of what follows; hand the result to {@link #endLength}. */
    int beginLength() {
        out.putInt(0);
        return out.position();
    }

    FrameWriter endLength(int begin) {
        out.putInt(begin - 4, out.position() - begin);
        return this;
    }

    void end() {
        out.putInt(frameStart + 3, out.position() - frameStart - 7);
        out.put(FRAME_END);
    }

    /** Bytes that are no frame: the protocol header that answers a wrong one. */
    void raw(byte[] bytes) {
        out.put(bytes);
    }

    void flush() throws IOException {
        if (out.position() == 0) {
            return;
        }
        out.flip();
        writing.lock();
        try {
            while (out.hasRemaining()) {
                target.write(out);
            }
        } finally {
            writing.unlock();
        }
        out.clear();
        writes.lazySet(writes.get() + 1);
    }

    /** Whole frames that another thread has gathered, between those of the connection's own. Any thread. */
    void frames(ByteBuffer whole) throws IOException {
        writing.lock();
        try {
            while (whole.hasRemaining()) {
                target.write(whole);
            }
        } finally {
            writing.unlock();
        }
        writes.incrementAndGet();
    }

    /** Writes a heartbeat, unless a write is under way, which says as much. */
    void heartbeat() throws IOException {
        if (writing.tryLock()) {
            try {
                heartbeat.rewind();
                while (heartbeat.hasRemaining()) {
                    target.write(heartbeat);
                }
            } finally {
                writing.unlock();
            }
        }
    }

    /** How many writes there were, for whoever watches for idleness. */
    int writes() {
        return writes.get();
    }
}
