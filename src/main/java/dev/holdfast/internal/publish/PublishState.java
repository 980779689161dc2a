package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.concurrent.WaitQueue;
import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.CompletionQueue;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of a {@link Publisher} share: the window, whether messages may flow, and the room that is left.
 *
 * <p>Guarded by the log's lock.
 */
final class PublishState {
    final OutboundLog log;
    final SegmentLog segments;
    final ConfirmWindow window = new ConfirmWindow();
    final ConnectionOptions options;
    final WaitQueue room;

    /** Outcomes that are found under the lock; each method that takes the lock completes them after it. */
    final CompletionQueue completions;

    /** Declarations that must be answered before held messages go out. */
    final List<List<Declarable>> pendingDeclares = new ArrayList<>();

    /** Looks for a publish that makes the broker close; the publishers of a session share it. */
    final StopAndWait oneAtATime;

    /** A culprit is looked for: messages go when it is their turn. */
    boolean inLine;

    /** The broker is RabbitMQ: it returns before it acks, and never delivers at once or not at all. */
    boolean rabbit;

    /** The channel is open, confirms are selected, the topology stands. */
    boolean open;

    int channel;
    int frameMax;

    /** Why the broker asked this channel to pause, null where it did not. */
    @Nullable
    String paused;

    /** Why nothing is taken any more. */
    @Nullable
    AmqpException closed;

    /** The last connect failure, told to whoever waited for a link in vain. */
    @Nullable
    AmqpException lastFailure;

    /** Failed connect rounds so far. */
    long rounds;

    /** Messages that wait for their retry outside the window. */
    int delayed;

    private final long confirmTimeoutNanos;
    private @Nullable CompletableFuture<Void> idle;
    private @Nullable Segment heldSegment;

    PublishState(OutboundLog log, ConnectionOptions options, StopAndWait oneAtATime) {
        this.log = log;
        this.segments = log.segments();
        this.oneAtATime = oneAtATime;
        this.options = options;
        this.room = log.waitingPublishers();
        this.completions = new CompletionQueue(options.completionExecutor(), log.counters());
        this.frameMax = options.frameMax() == 0 ? Integer.MAX_VALUE : options.frameMax();
        this.confirmTimeoutNanos = options.confirmTimeout().toNanos();
    }

    /** Whether what is appended goes out at once. */
    boolean flowing() {
        return open && !inLine && pendingDeclares.isEmpty();
    }

    /** Why publishers must wait although there is room: the whole connection, or this channel; null: they need not. */
    @Nullable
    String blocked() {
        String connection = log.blocked();
        return connection == null ? paused : connection;
    }

    int outstanding() {
        return window.live() + delayed;
    }

    /** Both bounds in one look: after waiting for the one, the other may be exceeded again. */
    boolean hasRoom(long length) {
        int outstanding = outstanding();
        if (outstanding == 0) {
            return true;
        }
        int most = options.maxUnconfirmed();
        return outstanding < most && window.span() < 2L * most && hasBytes(length);
    }

    boolean hasBytes(long length) {
        return segments.retainedBytes() + segments.growth(length) <= options.maxUnconfirmedBytes();
    }

    /** Half of everything is free: enough to wake those who wait without waking them for every single message. */
    private boolean halfFree() {
        int outstanding = outstanding();
        return outstanding == 0
                || (outstanding <= options.maxUnconfirmed() / 2
                        && window.span() <= options.maxUnconfirmed()
                        && halfOfBytesFree());
    }

    private boolean halfOfBytesFree() {
        return segments.retainedBytes() <= options.maxUnconfirmedBytes() / 2;
    }

    long confirmTimeout(PublishOptions option) {
        Duration own = option.confirmTimeout();
        return own == null ? confirmTimeoutNanos : own.toNanos();
    }

    /** The segment for a message that may not go out yet. */
    Segment heldRoom(int length) {
        Segment segment = heldSegment;
        if (segment == null || !segment.hasRoom(length)) {
            dropHeldSegment();
            segment = segments.allocate(Math.max(length, SegmentLog.SEGMENT_BYTES));
            heldSegment = segment;
        }
        return segment;
    }

    /** Nothing more goes into the held segment; it lives as long as its messages. */
    void dropHeldSegment() {
        Segment segment = heldSegment;
        heldSegment = null;
        if (segment != null) {
            segments.seal(segment);
        }
    }

    /**
     * Whether the broker may hold the message. What stands in the log of a link that lives goes out sooner or later, even
     * if no byte of it has been handed over yet: only the loss of the link tells that it never will.
     */
    DeliveryStatus delivery(long position) {
        return window.has(position, ConfirmWindow.IN_DOUBT) || position < window.unsent()
                ? DeliveryStatus.UNKNOWN
                : DeliveryStatus.NOT_SENT;
    }

    /** The message's place is free; its future is told by the caller. */
    CompletableFuture<dev.holdfast.Confirmation> take(long position) {
        CompletableFuture<dev.holdfast.Confirmation> future = window.future(position);
        segments.resolved(window.free(position), 1);
        return future;
    }

    /** The message is given up by its caller: nobody is told. */
    void drop(long position) {
        log.counters().failed(1);
        segments.resolved(window.free(position), 1);
    }

    /** A run of places that have nothing special about them is confirmed in one go. */
    void confirmRun(long position, int count) {
        Segment segment = window.segment(position);
        window.freeRun(position, count, completions);
        segments.resolved(segment, count);
    }

    void fail(long position, Throwable cause) {
        completions.addFailed(take(position), cause);
    }

    /** Ends with an exception that says whether the broker may hold the message. */
    void failDelivery(long position, AmqpException cause) {
        PublishFailure end = new PublishFailure(delivery(position), cause);
        completions.addFailed(take(position), end);
    }

    /** RabbitMQ would close the whole connection for it. */
    boolean refusesImmediate(PublishOptions option) {
        return rabbit && option.immediate();
    }

    /** Why this message cannot go out on this link, null if it can. */
    @Nullable
    Throwable unsendable(PublishOptions option, MessageRecord record, DeliveryStatus delivery) {
        if (refusesImmediate(option)) {
            return PublishFailure.immediateRefused(delivery);
        }
        int frame = record.largestFixedFrame();
        return frame > frameMax ? tooLarge(frame) : null;
    }

    /** A frame that cannot be cut does not fit: the message can never be sent on this link. */
    IllegalArgumentException tooLarge(int frame) {
        return new IllegalArgumentException("content header: " + frame + " bytes (expected: <= " + frameMax
                + ", the frame size agreed with the broker)");
    }

    /** After places were freed: moves the head on and wakes whoever waits for room. */
    void settled() {
        window.advance();
        if (!room.isEmpty() && (halfFree() || (room.anyAwaitsBytes() && halfOfBytesFree()))) {
            room.wake();
        }
        if (idle != null && outstanding() == 0) {
            idle.complete(null);
        }
        if (inLine) {
            oneAtATime.advance();
        }
    }

    /** Completes once nothing is outstanding. */
    CompletableFuture<Void> idle() {
        CompletableFuture<Void> future = idle;
        if (future == null || future.isDone()) {
            future = new CompletableFuture<>();
            idle = future;
        }
        if (outstanding() == 0) {
            future.complete(null);
        }
        return future;
    }
}
