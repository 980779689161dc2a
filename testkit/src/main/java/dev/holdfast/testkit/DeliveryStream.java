package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends pre-encoded messages of a prepared queue to one consumer, as fast as the connection accepts them and regardless
 * of the prefetch. Only the delivery tags are rewritten. Runs on its own thread.
 */
final class DeliveryStream implements Runnable {
    private static final Pattern QUEUE_NAME = Pattern.compile("deliveries-(\\d{1,9})-(\\d{1,12})");
    private static final int BATCH_BYTES = 64 << 10;
    private static final int MAX_BATCH_MESSAGES = 1000;
    private static final int CLASS_BASIC = 60;
    private static final int FRAME_HEADER = 7;
    private static final int FRAME_OVERHEAD = 8;
    /** Content type, content encoding, delivery mode. */
    private static final int PROPERTY_FLAGS = 0xD000;

    private final FrameWriter out;
    private final long count;
    private final ByteBuffer batch;
    private final int messageLength;
    private final int batchMessages;
    private final int tagOffset;
    /** Changes only between batches: a consumer receives no delivery after cancel-ok. */
    private boolean stopped;

    private DeliveryStream(FrameWriter out, int channel, String consumerTag, int size, long count, int frameMax) {
        this.out = out;
        this.count = count;
        int bodyFrames = size / (frameMax - FRAME_OVERHEAD) + 1;
        ByteBuffer message = ByteBuffer.allocate(size + bodyFrames * FRAME_OVERHEAD + 1024);
        this.tagOffset = putDeliver(message, channel, consumerTag);
        putHeader(message, channel, size);
        for (int from = 0; from < size; from += frameMax - FRAME_OVERHEAD) {
            int length = Math.min(size - from, frameMax - FRAME_OVERHEAD);
            beginFrame(message, FrameWriter.TYPE_BODY, channel);
            message.position(message.position() + length);
            endFrame(message, message.position() - length - FRAME_HEADER);
        }
        message.flip();
        this.messageLength = message.limit();
        this.batchMessages = Math.max(1, Math.min(MAX_BATCH_MESSAGES, BATCH_BYTES / messageLength));
        this.batch = ByteBuffer.allocateDirect(batchMessages * messageLength);
        for (int i = 0; i < batchMessages; i++) {
            batch.put(message.rewind());
        }
    }

    /** Returns the name of a queue that holds {@code count} messages of {@code size} bytes. */
    static String queueName(int size, long count) {
        return "deliveries-" + size + "-" + count;
    }

    /** Returns the stream of a consumer, or null if its queue is empty because it is not a prepared one. */
    static @Nullable DeliveryStream of(String queue, FrameWriter out, int channel, String consumerTag, int frameMax) {
        Matcher name = QUEUE_NAME.matcher(queue);
        if (!name.matches()) {
            return null;
        }
        int size = Integer.parseInt(name.group(1));
        return new DeliveryStream(out, channel, consumerTag, size, Long.parseLong(name.group(2)), frameMax);
    }

    /** Encodes basic.deliver and returns the offset of the delivery tag. */
    private static int putDeliver(ByteBuffer to, int channel, String consumerTag) {
        beginFrame(to, FrameWriter.TYPE_METHOD, channel);
        to.putInt(MethodIds.BASIC_DELIVER);
        putShortString(to, consumerTag);
        int tag = to.position();
        to.putLong(0).put((byte) 0);
        putShortString(to, "benchmark");
        putShortString(to, "key");
        endFrame(to, 0);
        return tag;
    }

    private static void putHeader(ByteBuffer to, int channel, int size) {
        int start = to.position();
        beginFrame(to, FrameWriter.TYPE_HEADER, channel);
        to.putShort((short) CLASS_BASIC).putShort((short) 0).putLong(size).putShort((short) PROPERTY_FLAGS);
        putShortString(to, "application/data");
        putShortString(to, "binary");
        to.put((byte) 2);
        endFrame(to, start);
    }

    private static void beginFrame(ByteBuffer to, int type, int channel) {
        to.put((byte) type).putShort((short) channel).putInt(0);
    }

    private static void endFrame(ByteBuffer to, int start) {
        to.putInt(start + 3, to.position() - start - FRAME_HEADER);
        to.put(FrameWriter.FRAME_END);
    }

    private static void putShortString(ByteBuffer to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.put((byte) bytes.length).put(bytes);
    }

    @Override
    public void run() {
        try {
            long tag = 1;
            while (tag <= count) {
                int messages = (int) Math.min(batchMessages, count - tag + 1);
                for (int i = 0; i < messages; i++) {
                    batch.putLong(i * messageLength + tagOffset, tag++);
                }
                batch.position(0).limit(messages * messageLength);
                if (!send()) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client has disconnected.
        }
    }

    private synchronized boolean send() throws IOException {
        if (!stopped) {
            out.writeFrames(batch);
        }
        return !stopped;
    }

    /** Stops the stream. No delivery is sent after this method returns. */
    synchronized void stop() {
        stopped = true;
    }
}
