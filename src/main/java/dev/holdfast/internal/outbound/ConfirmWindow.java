package dev.holdfast.internal.outbound;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.frame.MessageRecord;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The unconfirmed publishes of one channel: a ring indexed by position, as parallel arrays, so that a message costs a few
 * stores and an acknowledgement of many costs one step for each.
 *
 * <pre>
 *   head ≤ held ≤ tail        position of delivery tag t on this channel = tagBase + t
 *   [head, held)   written on this channel, waiting for their confirm
 *   [held, tail)   not written on this channel yet: the link is down or a declare is pending
 * </pre>
 *
 * A place is free when its future is null. Guarded by the log's lock; it decides nothing by itself.
 */
public final class ConfirmWindow {
    /** No deadline. */
    public static final long NONE = Long.MAX_VALUE;

    /** The broker may hold the message: nothing later makes that better. */
    public static final byte MAYBE_DELIVERED = 1;
    /** An attempt failed, the next one waits for the link. */
    public static final byte RETRYING = 2;
    /** The broker refused a mandatory message; its return may be yet to come. */
    public static final byte NACKED = 4;
    /**
     * It was sent when the broker closed for another publish, or perhaps for this one: it goes again at no attempt's cost,
     * once. The broker may hold it, unless a culprit before it is found.
     */
    public static final byte EXCUSED = 8;
    /** It is not at its first attempt. */
    private static final byte AGAIN = 16;
    /** What makes an outcome UNKNOWN. */
    public static final byte IN_DOUBT = MAYBE_DELIVERED | EXCUSED;

    private static final int FIRST_CAPACITY = 256;

    public long head;
    public long held;
    public long tail;
    public long tagBase = -1;

    private int live;
    private int mask = FIRST_CAPACITY - 1;
    private @Nullable CompletableFuture<Confirmation>[] futures = futures(FIRST_CAPACITY);
    private PublishOptions[] options = new PublishOptions[FIRST_CAPACITY];
    private Segment[] segments = new Segment[FIRST_CAPACITY];
    private int[] offsets = new int[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private byte[] flags = new byte[FIRST_CAPACITY];
    private long[] attemptDeadlines = new long[FIRST_CAPACITY];
    private long[] deadlines = new long[FIRST_CAPACITY];

    /** A third of what a place takes, and no message that is confirmed at its first attempt needs it: empty until one does. */
    private int[] attempts = {};

    private long[] retryAt = {};
    private long[] retryRound = {};

    /** Messages without an outcome. */
    public int live() {
        return live;
    }

    /** Places between the oldest open message and the newest: what bounds the ring. */
    public long span() {
        return tail - head;
    }

    /** Takes the next place; what the message needs beside is set by the caller. */
    public long add(
            CompletableFuture<Confirmation> future,
            PublishOptions option,
            Segment segment,
            int offset,
            int length,
            long attemptDeadline,
            long deadline) {
        if (tail - head > mask) {
            grow();
        }
        long position = tail++;
        int i = (int) position & mask;
        futures[i] = future;
        // Most messages are in all this like the one that had this place. A reference that is stored into an old array
        // costs the collector more than the comparison, and what is only read stays in the caches of both threads.
        if (options[i] != option) {
            options[i] = option;
        }
        if (segments[i] != segment) {
            segments[i] = segment;
        }
        offsets[i] = offset;
        lengths[i] = length;
        if (flags[i] != 0) {
            flags[i] = 0;
        }
        attemptDeadlines[i] = attemptDeadline;
        if (deadlines[i] != deadline) {
            deadlines[i] = deadline;
        }
        segment.live++;
        live++;
        return position;
    }

    public boolean isLive(long position) {
        return futures[index(position)] != null;
    }

    public CompletableFuture<Confirmation> future(long position) {
        CompletableFuture<Confirmation> future = futures[index(position)];
        if (future == null) {
            throw new IllegalStateException("position: " + position + " (expected: an open publish)");
        }
        return future;
    }

    public PublishOptions options(long position) {
        return options[index(position)];
    }

    public int attempts(long position) {
        int i = index(position);
        return (flags[i] & AGAIN) == 0 ? 1 : attempts[i];
    }

    public void attempts(long position, int value) {
        keepRetries();
        int i = index(position);
        flags[i] |= AGAIN;
        attempts[i] = value;
    }

    public boolean has(long position, byte flag) {
        return (flags[index(position)] & flag) != 0;
    }

    public void set(long position, byte flag) {
        flags[index(position)] |= flag;
    }

    public void clear(long position, byte flag) {
        flags[index(position)] &= (byte) ~flag;
    }

    public long attemptDeadline(long position) {
        return attemptDeadlines[index(position)];
    }

    public void attemptDeadline(long position, long value) {
        attemptDeadlines[index(position)] = value;
    }

    public long deadline(long position) {
        return deadlines[index(position)];
    }

    public long retryAt(long position) {
        return retryAt[index(position)];
    }

    public long retryRound(long position) {
        return retryRound[index(position)];
    }

    /** The attempt failed; the next is due at {@code at}, and used up once a connect round after {@code round} has failed. */
    public void retry(long position, long at, long round) {
        keepRetries();
        int i = index(position);
        flags[i] |= RETRYING;
        attemptDeadlines[i] = NONE;
        retryAt[i] = at;
        retryRound[i] = round;
    }

    private void keepRetries() {
        if (attempts.length == 0) {
            attempts = new int[mask + 1];
            retryAt = new long[mask + 1];
            retryRound = new long[mask + 1];
        }
    }

    /** Whether a byte of it was handed to the transport on this channel. */
    public boolean handed(long position) {
        int i = index(position);
        return position < held && segments[i].transferred > offsets[i];
    }

    /** Whether its last byte was. */
    public boolean fullyHanded(long position) {
        int i = index(position);
        return position < held && segments[i].transferred >= offsets[i] + lengths[i];
    }

    public MessageRecord record(long position) {
        int i = index(position);
        return segments[i].record(offsets[i], lengths[i]);
    }

    /** The message's bytes move to another segment. Returns the one it leaves. */
    public Segment move(long position, Segment to, int offset, int length) {
        int i = index(position);
        Segment from = segments[i];
        segments[i] = to;
        offsets[i] = offset;
        lengths[i] = length;
        to.live++;
        return from;
    }

    public Segment segment(long position) {
        return segments[index(position)];
    }

    /**
     * How many places from this one to {@code last} have nothing special about them and can be freed together: each a
     * message at its first attempt, without a flag, in the same segment; and the ring does not wrap between them.
     */
    public int plainRun(long position, long last) {
        int start = index(position);
        int end = (int) Math.min(mask + 1L, start + (last - position) + 1);
        Segment segment = segments[start];
        int i = start;
        while (i < end && futures[i] != null && flags[i] == 0 && segments[i] == segment) {
            i++;
        }
        return i - start;
    }

    /**
     * Frees a {@link #plainRun}; its futures are handed to the outcomes as confirmed. Options and segments stay behind
     * for the next lap of the ring, which most likely finds the ones it needs.
     */
    public void freeRun(long position, int count, CompletionQueue outcomes) {
        int start = index(position);
        int end = start + count;
        outcomes.confirmed(futures, start, end);
        Arrays.fill(futures, start, end, null);
        live -= count;
    }

    /** Frees the place. The caller gives the segment its due ({@link SegmentLog#resolved}) and completes the future. */
    public Segment free(long position) {
        int i = index(position);
        Segment segment = segments[i];
        futures[i] = null;
        clearReferences(i);
        live--;
        return segment;
    }

    /** Moves the head over what is resolved. */
    public void advance() {
        long to = head;
        while (to < tail && futures[(int) to & mask] == null) {
            to++;
        }
        head = to;
        if (held < head) {
            // Messages that were held ended without being written: they took no tag.
            tagBase += head - held;
            held = head;
        }
    }

    /** Closes the gaps in [from, tail): what is live keeps its order and gets the places from {@code from} on. */
    public void compact(long from) {
        long to = from;
        for (long position = from; position < tail; position++) {
            if (isLive(position)) {
                if (to != position) {
                    copyPlace(index(position), index(to));
                }
                to++;
            }
        }
        tail = to;
        advance();
    }

    /** Position of a delivery tag of this channel. */
    public long position(long deliveryTag) {
        return tagBase + deliveryTag;
    }

    /** From here on the channel counts its tags anew: the message at {@code first} gets tag 1. */
    public void startTagsAt(long first) {
        tagBase = first - 1;
    }

    private int index(long position) {
        return (int) position & mask;
    }

    @SuppressWarnings("NullAway") // a free place holds nothing; every reader asks isLive first
    private void clearReferences(int i) {
        options[i] = null;
        segments[i] = null;
    }

    private void copyPlace(int from, int to) {
        futures[to] = futures[from];
        options[to] = options[from];
        segments[to] = segments[from];
        offsets[to] = offsets[from];
        lengths[to] = lengths[from];
        flags[to] = flags[from];
        attemptDeadlines[to] = attemptDeadlines[from];
        deadlines[to] = deadlines[from];
        if (attempts.length > 0) {
            attempts[to] = attempts[from];
            retryAt[to] = retryAt[from];
            retryRound[to] = retryRound[from];
        }
        futures[from] = null;
        clearReferences(from);
    }

    private void grow() {
        int capacity = (mask + 1) * 2;
        int shift = index(head);
        futures = rotate(futures, futures(capacity), shift);
        options = rotate(options, new PublishOptions[capacity], shift);
        segments = rotate(segments, new Segment[capacity], shift);
        offsets = rotate(offsets, new int[capacity], shift);
        lengths = rotate(lengths, new int[capacity], shift);
        flags = rotate(flags, new byte[capacity], shift);
        attemptDeadlines = rotate(attemptDeadlines, new long[capacity], shift);
        deadlines = rotate(deadlines, new long[capacity], shift);
        if (attempts.length > 0) {
            attempts = rotate(attempts, new int[capacity], shift);
            retryAt = rotate(retryAt, new long[capacity], shift);
            retryRound = rotate(retryRound, new long[capacity], shift);
        }
        mask = capacity - 1;
    }

    /** Lays the old ring into a larger one so that every position finds its place under the new mask. */
    @SuppressWarnings("SuspiciousSystemArraycopy")
    private <A> A rotate(A from, A to, int shift) {
        int old = mask + 1;
        int newMask = old * 2 - 1;
        int target = (int) head & newMask;
        int first = old - shift;
        System.arraycopy(from, shift, to, target, first);
        int second = target + first & newMask;
        System.arraycopy(from, 0, to, second, shift);
        return to;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static @Nullable CompletableFuture<Confirmation>[] futures(int capacity) {
        return new CompletableFuture[capacity];
    }

    @Override
    public String toString() {
        return "window[head=" + head + ", held=" + held + ", tail=" + tail + ", live=" + live + ", futures="
                + Arrays.stream(futures).filter(f -> f != null).count() + "]";
    }
}
