package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Encodes the method frames of a server into a buffer and writes them together. Only the thread of the connection may
 * call the methods of this class, except {@link #heartbeat}, {@link #writeFrames} and {@link #writeCount}, which any
 * thread may call.
 */
final class FrameWriter {
    static final int TYPE_METHOD = 1;
    static final int TYPE_HEADER = 2;
    static final int TYPE_BODY = 3;
    static final int TYPE_HEARTBEAT = 8;
    static final byte FRAME_END = (byte) 0xCE;

    private static final int BUFFER_BYTES = 256 << 10;
    private static final int ACK_FRAME_BYTES = 21;
    /** Upper bound of every method frame that a discarding broker sends. */
    private static final int MAX_METHOD_BYTES = 1024;

    private final WritableByteChannel target;
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer heartbeat = ByteBuffer.allocateDirect(8);
    private final ReentrantLock writeLock = new ReentrantLock();
    private final AtomicInteger writeCount = new AtomicInteger();
    private int frameStart;

    FrameWriter(WritableByteChannel target) {
        this.target = target;
        heartbeat.put((byte) TYPE_HEARTBEAT).putShort((short) 0).putInt(0).put(FRAME_END);
    }

    /** Encodes basic.ack without {@link #begin} and {@link #end}: it is the most frequent method. */
    void ack(int channel, long deliveryTag, boolean multiple) throws IOException {
        if (out.remaining() < ACK_FRAME_BYTES) {
            flush();
        }
        out.put((byte) TYPE_METHOD).putShort((short) channel).putInt(ACK_FRAME_BYTES - 8);
        out.putInt(MethodIds.BASIC_ACK).putLong(deliveryTag);
        out.put((byte) (multiple ? 1 : 0)).put(FRAME_END);
    }

    FrameWriter begin(int channel, int methodId) throws IOException {
        if (out.remaining() < MAX_METHOD_BYTES) {
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

    /** Encodes a field table entry of type {@code t} (boolean) with the value true. */
    FrameWriter trueEntry(String name) {
        return shortString(name).octet('t').octet(1);
    }

    FrameWriter stringEntry(String name, String text) {
        return shortString(name).octet('S').longString(text);
    }

    /** Reserves 4 bytes for the length of the data that follows; pass the result to {@link #endLength}. */
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

    /** Writes bytes that are not a frame: the protocol header that answers a wrong one. */
    void rawBytes(byte[] bytes) {
        out.put(bytes);
    }

    void flush() throws IOException {
        if (out.position() == 0) {
            return;
        }
        out.flip();
        writeLock.lock();
        try {
            while (out.hasRemaining()) {
                target.write(out);
            }
        } finally {
            writeLock.unlock();
        }
        out.clear();
        writeCount.lazySet(writeCount.get() + 1);
    }

    /** Writes complete frames that another thread has encoded, never inside a frame of the connection. Any thread. */
    void writeFrames(ByteBuffer frames) throws IOException {
        writeLock.lock();
        try {
            while (frames.hasRemaining()) {
                target.write(frames);
            }
        } finally {
            writeLock.unlock();
        }
        writeCount.incrementAndGet();
    }

    /** Writes a heartbeat, unless a write is in progress, which shows the peer the same. Any thread. */
    void heartbeat() throws IOException {
        if (writeLock.tryLock()) {
            try {
                heartbeat.rewind();
                while (heartbeat.hasRemaining()) {
                    target.write(heartbeat);
                }
            } finally {
                writeLock.unlock();
            }
        }
    }

    /** Returns the number of writes, heartbeats excluded, to detect an idle connection. Any thread. */
    int writeCount() {
        return writeCount.get();
    }
}
