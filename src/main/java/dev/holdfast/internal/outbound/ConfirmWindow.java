package dev.holdfast.internal.outbound;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.frame.MessageRecord;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The unconfirmed publishes of one channel: a ring indexed by position, as parallel arrays, so that a message costs a
 * few stores and an ack with multiple costs one step per message.
 *
 * <pre>
 *   head ≤ unsent ≤ tail        position of delivery tag t on this channel = tagBase + t
 *   [head, unsent)   in the log or transferred, waiting for a confirm
 *   [unsent, tail)   not sent on this channel yet: the link is down or a declare is pending
 * </pre>
 *
 * A place is free when its future is null. Guarded by the log's lock. Holds data only; the publisher decides.
 */
public final class ConfirmWindow {
    /** No deadline. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    /** The broker may hold the message. Never cleared. */
    public static final byte MAYBE_DELIVERED = 1;
    /** An attempt failed; the next one waits for the link. */
    public static final byte RETRYING = 2;
    /** The broker nacked a mandatory message; its return may follow. */
    public static final byte NACKED = 4;
    /**
     * The message was sent when the broker closed because of another publish, or possibly because of this one: it is
     * sent again without counting an attempt, once. The broker may hold it, unless an earlier publish is found to be
     * the cause.
     */
    public static final byte FREE_RETRY = 8;
    /** The message is not at its first attempt. */
    private static final byte RETRIED = 16;
    /** Flags that make the delivery status UNKNOWN. */
    public static final byte IN_DOUBT = MAYBE_DELIVERED | FREE_RETRY;

    private static final int FIRST_CAPACITY = 16;

    private long head;
    private long unsent;
    private long tail;
    private long tagBase = -1;

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

    // A third of the memory of a place, needed only by messages that fail an attempt: empty until the first one does.
    private int[] attempts = {};

    private long[] retryAt = {};
    private long[] retryRound = {};

    /** Position of the oldest message without an outcome; {@link #tail} if there is none. */
    public long head() {
        return head;
    }

    /** Position of the first message that is not sent on this channel yet; {@link #tail} if there is none. */
    public long unsent() {
        return unsent;
    }

    /** Position that the next message gets. */
    public long tail() {
        return tail;
    }

    /** All messages before {@code end} are sent on this channel. */
    public void markSentBefore(long end) {
        unsent = end;
    }

    /** All messages are sent on this channel. */
    public void markAllSent() {
        unsent = tail;
    }

    /** The channel is lost: no message is sent on the next one yet. */
    public void markAllUnsent() {
        unsent = head;
    }

    /** Messages without an outcome. */
    public int live() {
        return live;
    }

    /** Places between the oldest open message and the newest, which bound the size of the ring. */
    public long span() {
        return tail - head;
    }

    /** Gives the memory of an empty ring back. */
    public void releaseIdle() {
        if (head == tail && mask >= FIRST_CAPACITY) {
            // All arrays before the first field: an OutOfMemoryError must not leave fields of two sizes.
            ConfirmWindow small = new ConfirmWindow();
            mask = small.mask;
            futures = small.futures;
            options = small.options;
            segments = small.segments;
            offsets = small.offsets;
            lengths = small.lengths;
            flags = small.flags;
            attemptDeadlines = small.attemptDeadlines;
            deadlines = small.deadlines;
            attempts = small.attempts;
            retryAt = small.retryAt;
            retryRound = small.retryRound;
        }
    }

    /** Makes room for a message, so that the next {@link #add} cannot fail. An error leaves the window unchanged. */
    public void ensureCapacity() {
        if (tail - head > mask) {
            grow();
        }
    }

    /** Takes the next place, with no flag set and at the first attempt. Returns its position. */
    public long add(
            CompletableFuture<Confirmation> future,
            PublishOptions publishOptions,
            Segment segment,
            int offset,
            int length,
            long attemptDeadline,
            long deadline) {
        ensureCapacity();
        long position = tail++;
        int i = (int) position & mask;
        futures[i] = future;
        // Most messages equal the previous message of this place in these fields. Storing a reference into an old array
        // costs the collector more than the comparison, and a cache line that is only read stays in the caches of both
        // threads.
        if (options[i] != publishOptions) {
            options[i] = publishOptions;
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
        return (flags[i] & RETRIED) == 0 ? 1 : attempts[i];
    }

    public void attempts(long position, int value) {
        ensureRetryFields();
        int i = index(position);
        flags[i] |= RETRIED;
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

    /**
     * The attempt failed. The next one is due at {@code at}, and counts as failed when a connect round after {@code
     * round} fails.
     */
    public void retry(long position, long at, long round) {
        ensureRetryFields();
        int i = index(position);
        flags[i] |= RETRYING;
        attemptDeadlines[i] = NO_DEADLINE;
        retryAt[i] = at;
        retryRound[i] = round;
    }

    /** Makes room for the fields of {@link #attempts(long, int)} and {@link #retry}, which then cannot fail. */
    public void ensureRetryFields() {
        if (attempts.length == 0) {
            retryAt = new long[mask + 1];
            retryRound = new long[mask + 1];
            attempts = new int[mask + 1];
        }
    }

    /** Whether a byte of it was transferred on this channel. */
    public boolean isTransferStarted(long position) {
        int i = index(position);
        return position < unsent && segments[i].transferred > offsets[i];
    }

    /** Whether all of its bytes were transferred on this channel. */
    public boolean isTransferred(long position) {
        int i = index(position);
        return position < unsent && segments[i].transferred >= offsets[i] + lengths[i];
    }

    public MessageRecord record(long position) {
        int i = index(position);
        return segments[i].record(offsets[i], lengths[i]);
    }

    /** Assigns the message the place of its copy in another segment. Returns the segment it leaves. */
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
     * How many places from this one to {@code last} can be freed together: each holds a message at its first attempt,
     * without a flag, in the same segment, and the ring does not wrap between them.
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
     * Frees a {@link #plainRun} and adds its futures to the queue as confirmed. Options and segments stay in their
     * places for the next lap of the ring, which most likely needs the same ones.
     */
    public void freeRun(long position, int count, CompletionQueue completions) {
        int start = index(position);
        int end = start + count;
        completions.addConfirmed(futures, start, end);
        Arrays.fill(futures, start, end, null);
        live -= count;
    }

    /**
     * Frees the place. The caller calls {@link SegmentLog#resolved} for the segment returned, and completes the future.
     */
    public Segment free(long position) {
        int i = index(position);
        Segment segment = segments[i];
        futures[i] = null;
        clearReferences(i);
        live--;
        return segment;
    }

    /** Moves the head past messages that have their outcome. */
    public void advance() {
        long to = head;
        while (to < tail && futures[(int) to & mask] == null) {
            to++;
        }
        head = to;
        if (unsent < head) {
            // Messages that end unsent take no delivery tag.
            tagBase += head - unsent;
            unsent = head;
        }
    }

    /** Closes the gaps in [from, tail): live messages keep their order and get the places from {@code from} on. */
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

    /** Whether a message sent on this channel has this delivery tag, or had it before its outcome. */
    public boolean isTagSent(long deliveryTag) {
        return deliveryTag > 0 && deliveryTag < unsent - tagBase; // as tags: a large one would overflow as a position
    }

    /** The channel is new and counts its tags from 1: the first unsent message gets tag 1. */
    public void restartTags() {
        tagBase = unsent - 1;
    }

    private int index(long position) {
        return (int) position & mask;
    }

    @SuppressWarnings("NullAway") // null in a free place; every reader checks isLive first
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
        boolean retries = attempts.length > 0;
        // All arrays before the first field: an OutOfMemoryError must not leave fields of two sizes.
        @Nullable CompletableFuture<Confirmation>[] newFutures = rotate(futures, futures(capacity), shift);
        PublishOptions[] newOptions = rotate(options, new PublishOptions[capacity], shift);
        Segment[] newSegments = rotate(segments, new Segment[capacity], shift);
        int[] newOffsets = rotate(offsets, new int[capacity], shift);
        int[] newLengths = rotate(lengths, new int[capacity], shift);
        byte[] newFlags = rotate(flags, new byte[capacity], shift);
        long[] newAttemptDeadlines = rotate(attemptDeadlines, new long[capacity], shift);
        long[] newDeadlines = rotate(deadlines, new long[capacity], shift);
        int[] newAttempts = retries ? rotate(attempts, new int[capacity], shift) : attempts;
        long[] newRetryAt = retries ? rotate(retryAt, new long[capacity], shift) : retryAt;
        retryRound = retries ? rotate(retryRound, new long[capacity], shift) : retryRound;
        futures = newFutures;
        options = newOptions;
        segments = newSegments;
        offsets = newOffsets;
        lengths = newLengths;
        flags = newFlags;
        attemptDeadlines = newAttemptDeadlines;
        deadlines = newDeadlines;
        attempts = newAttempts;
        retryAt = newRetryAt;
        mask = capacity - 1;
    }

    /** Copies the ring into a larger one, so that every position maps to its place under the new mask. */
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
        return "window[head=" + head + ", unsent=" + unsent + ", tail=" + tail + ", live=" + live + ", futures="
                + Arrays.stream(futures).filter(f -> f != null).count() + "]";
    }
}
