package dev.holdfast.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer of a prepared queue gets: messages that were encoded before, as fast as the connection takes them, whatever
 * its prefetch says. Only the delivery tags are written anew. Runs on a thread of its own.
 */
final class DeliveryStream implements Runnable {
    private static final Pattern NAME = Pattern.compile("deliveries-(\\d{1,9})-(\\d{1,12})");
    private static final int BATCH_BYTES = 64 << 10;
    private static final int MOST_PER_BATCH = 1000;
    private static final int CLASS_BASIC = 60;
    private static final int HEAD = 7;
    private static final int OVERHEAD = 8;
    /** Content type, content encoding, delivery mode. */
    private static final int PROPERTY_FLAGS = 0xD000;

    private final FrameWriter out;
    private final long count;
    private final ByteBuffer batch;
    private final int messageLength;
    private final int perBatch;
    private final int tagOffset;
    /** Between batches only: a cancelled consumer gets nothing behind cancel-ok. */
    private boolean stopped;

    private DeliveryStream(FrameWriter out, int channel, String consumerTag, int size, long count, int frameMax) {
        this.out = out;
        this.count = count;
        int bodyFrames = size / (frameMax - OVERHEAD) + 1;
        ByteBuffer message = ByteBuffer.allocate(size + bodyFrames * OVERHEAD + 1024);
        this.tagOffset = deliver(message, channel, consumerTag);
        header(message, channel, size);
        for (int from = 0; from < size; from += frameMax - OVERHEAD) {
            int length = Math.min(size - from, frameMax - OVERHEAD);
            begin(message, FrameWriter.TYPE_BODY, channel);
            message.position(message.position() + length);
            end(message, message.position() - length - HEAD);
        }
        message.flip();
        this.messageLength = message.limit();
        this.perBatch = Math.max(1, Math.min(MOST_PER_BATCH, BATCH_BYTES / messageLength));
        this.batch = ByteBuffer.allocateDirect(perBatch * messageLength);
        for (int i = 0; i < perBatch; i++) {
            batch.put(message.rewind());
        }
    }

    /** The name of a queue that holds so many messages of so many bytes. */
    static String queue(int size, long count) {
        return "deliveries-" + size + "-" + count;
    }

    /** The stream of a consumer, null where its queue holds nothing. */
    static @Nullable DeliveryStream of(String queue, FrameWriter out, int channel, String consumerTag, int frameMax) {
        Matcher name = NAME.matcher(queue);
        if (!name.matches()) {
            return null;
        }
        int size = Integer.parseInt(name.group(1));
        return new DeliveryStream(out, channel, consumerTag, size, Long.parseLong(name.group(2)), frameMax);
    }

    /** Returns where the delivery tag stands. */
    private static int deliver(ByteBuffer to, int channel, String consumerTag) {
        begin(to, FrameWriter.TYPE_METHOD, channel);
        to.putInt(MethodIds.BASIC_DELIVER);
        shortString(to, consumerTag);
        int tag = to.position();
        to.putLong(0).put((byte) 0);
        shortString(to, "benchmark");
        shortString(to, "key");
        end(to, 0);
        return tag;
    }

    private static void header(ByteBuffer to, int channel, int size) {
        int start = to.position();
        begin(to, FrameWriter.TYPE_HEADER, channel);
        to.putShort((short) CLASS_BASIC).putShort((short) 0).putLong(size).putShort((short) PROPERTY_FLAGS);
        shortString(to, "application/data");
        shortString(to, "binary");
        to.put((byte) 2);
        end(to, start);
    }

    private static void begin(ByteBuffer to, int type, int channel) {
        to.put((byte) type).putShort((short) channel).putInt(0);
    }

    private static void end(ByteBuffer to, int start) {
        to.putInt(start + 3, to.position() - start - HEAD);
        to.put(FrameWriter.FRAME_END);
    }

    private static void shortString(ByteBuffer to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.put((byte) bytes.length).put(bytes);
    }

    @Override
    public void run() {
        try {
            long tag = 1;
            while (tag <= count) {
                int messages = (int) Math.min(perBatch, count - tag + 1);
                for (int i = 0; i < messages; i++) {
                    batch.putLong(i * messageLength + tagOffset, tag++);
                }
                batch.position(0).limit(messages * messageLength);
                if (!send()) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client has gone, and with it whoever wanted these.
        }
    }

    private synchronized boolean send() throws IOException {
        if (!stopped) {
            out.frames(batch);
        }
        return !stopped;
    }

    /** Nothing is sent once this has returned. */
    synchronized void stop() {
        stopped = true;
    }
}
