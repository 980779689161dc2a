package dev.holdfast.internal.publish;

import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.concurrent.WaitQueue;
import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.AttemptClock;
import dev.holdfast.internal.outbound.CompletionQueue;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;
import dev.holdfast.internal.state.PublishFailure;
import dev.holdfast.internal.state.StopAndWait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The state that the parts of a {@link Publisher} share: its window, whether messages may be sent, and the room that is
 * left.
 *
 * <p>Guarded by the log's lock.
 */
final class PublishState {
    /** Greatest length of an encoded message: that of the largest array, with a reserve. */
    static final int MAX_LENGTH = Integer.MAX_VALUE - 64;

    final OutboundLog log;
    final SegmentLog segments;
    final ConfirmWindow window = new ConfirmWindow();
    final ConnectionOptions options;
    final WaitQueue waitingPublishers;

    /** Outcomes that are found under the lock, of all publishers of the connection. */
    final CompletionQueue completions;

    /** Declarations that must be answered before unsent messages are sent. */
    final List<List<Declarable>> pendingDeclares = new ArrayList<>();

    /** Searches for the publish that makes the broker close. The publishers of a session share it. */
    final StopAndWait stopAndWait;

    /** {@link #stopAndWait} decides when the next message is sent. */
    boolean stopAndWaitActive;

    /** The broker is RabbitMQ, which sends a return before its ack, and does not implement the immediate flag. */
    boolean rabbitMq;

    /** The channel is open, confirms are selected, and the topology is restored. */
    boolean open;

    int channel;
    int frameMax;

    /** The clock of attempts with a policy. */
    final AttemptClock clock;

    /** Why new messages stay unsent: the channel owes an answer since {@link #stalledSince}. Null if it does not. */
    @Nullable
    AmqpException stallCause;

    /** When the oldest late message was sent, by {@link #clock}; meaningless without {@link #stallCause}. */
    long stalledSince;

    /** Sends the unsent messages that may be sent now. */
    Runnable sendUnsent = () -> {};

    /** Why no more messages are accepted; null if they are. */
    @Nullable
    AmqpException closeCause;

    /**
     * Why there is no link, or why the last connect round failed: the cause reported when a message times out
     * meanwhile.
     */
    @Nullable
    AmqpException lastFailure;

    /** Failed connect rounds since the start. */
    long failedRounds;

    /** Messages outside the window, in the delay before a retry or after it without room yet. */
    int delayedRetries;

    /** Large messages outside the window, which their callers are encoding. */
    int encoding;

    /** Sends the delayed messages that wait for room, if there are any. */
    Runnable resumeRetries = () -> {};

    /** A delayed message waits for a place in the ring. */
    boolean retryAwaitsPlace;

    private final long confirmTimeoutNanos;
    private @Nullable CompletableFuture<Void> idle;
    private @Nullable Segment unsentSegment;

    PublishState(PublisherResources shared, ConnectionOptions options) {
        this.log = shared.log();
        this.segments = log.segments();
        this.completions = shared.completions();
        this.stopAndWait = shared.stopAndWait();
        this.options = options;
        this.waitingPublishers = log.waitingPublishers();
        this.frameMax = options.frameMax() == 0 ? Integer.MAX_VALUE : options.frameMax();
        this.clock = new AttemptClock(log);
        this.confirmTimeoutNanos = options.confirmTimeout().toNanos();
    }

    /** Whether a new message goes into the log, in contrast to staying unsent. */
    boolean isFlowing() {
        return open && stallCause == null && !stopAndWaitActive && pendingDeclares.isEmpty();
    }

    /** Messages without an outcome. */
    int outstanding() {
        return window.live() + delayedRetries;
    }

    /** Whether the window has a place for a new message. */
    boolean hasPlace() {
        return outstanding() + encoding < options.maxUnconfirmed() && hasPlaceInRing();
    }

    /** Whether an attempt of a message may have begun on the channel, which may be closing. */
    boolean hasAttempts() {
        return open || window.head() < window.unsent();
    }

    private boolean hasPlaceInRing() {
        return window.span() < 2L * options.maxUnconfirmed();
    }

    /** Whether a delayed message may be sent if its bytes are admitted. If not, {@link #resumeRetries} follows. */
    boolean mayRetry() {
        retryAwaitsPlace = !hasPlaceInRing();
        return !retryAwaitsPlace && clock.blockedReason() == null;
    }

    /**
     * Whether half of the places that delayed messages leave are free. Waiting publishers are woken then, and not for
     * every single message.
     */
    private boolean halfFree() {
        return window.live() + encoding <= (options.maxUnconfirmed() - delayedRetries) / 2 && hasPlaceInRing();
    }

    long confirmTimeoutNanos(PublishOptions publishOptions) {
        Duration own = publishOptions.confirmTimeout();
        return own == null ? confirmTimeoutNanos : own.toNanos();
    }

    /** The segment, outside the log's order, for a message that stays unsent. */
    Segment unsentSegment(int length) {
        Segment segment = unsentSegment;
        if (segment == null || !segment.hasRoom(length)) {
            sealUnsentSegment();
            segment = segments.allocate(Math.max(length, SegmentLog.SEGMENT_BYTES));
            unsentSegment = segment;
        }
        return segment;
    }

    /** Appends no more to the segment of unsent messages, which is retained as long as its messages. */
    void sealUnsentSegment() {
        Segment segment = unsentSegment;
        unsentSegment = null;
        if (segment != null) {
            segments.seal(segment);
        }
    }

    /**
     * Whether the broker may hold the message. While the link is up, a message in the log is going to be sent even if
     * no byte of it was transferred yet. Only the loss of the link shows that it was not.
     */
    DeliveryStatus deliveryStatus(long position) {
        return window.has(position, ConfirmWindow.IN_DOUBT) || position < window.unsent()
                ? DeliveryStatus.UNKNOWN
                : DeliveryStatus.NOT_SENT;
    }

    /** Calls the action for each message in the window, in order. It may end the message. */
    void forEachOpen(LongConsumer action) {
        for (long position = window.head(); position < window.tail(); position++) {
            if (window.isLive(position)) {
                action.accept(position);
            }
        }
    }

    /** Frees the place of a message. The caller completes the future returned. */
    CompletableFuture<Confirmation> remove(long position) {
        completions.ensureRoom(); // a future that is removed and cannot be queued would never complete
        CompletableFuture<Confirmation> future = window.future(position);
        segments.resolved(window.free(position), 1);
        return future;
    }

    /** Frees the place of a message whose future the caller has cancelled. */
    void dropCancelled(long position) {
        log.counters().failed(1);
        segments.resolved(window.free(position), 1);
    }

    /** Confirms the messages of a {@link ConfirmWindow#plainRun}. */
    void confirmRun(long position, int count) {
        Segment segment = window.segment(position);
        window.freeRun(position, count, completions);
        segments.resolved(segment, count);
    }

    /** Fails a message with this exception. */
    void fail(long position, Throwable cause) {
        completions.addFailed(remove(position), cause);
    }

    /** Fails a message with an exception that has its delivery status. */
    void failWithStatus(long position, AmqpException cause) {
        PublishFailure end = new PublishFailure(deliveryStatus(position), cause);
        completions.addFailed(remove(position), end);
    }

    /** Fails a message that an error of this client ends. */
    void failWithError(long position, Throwable error) {
        fail(position, PublishFailure.afterError(deliveryStatus(position), error));
    }

    /** Whether the message has the immediate flag, which RabbitMQ answers by closing the connection. */
    boolean refusesImmediate(PublishOptions publishOptions) {
        return rabbitMq && publishOptions.immediate();
    }

    /** Why this message cannot be sent on this link; null if it can. */
    @Nullable
    Throwable unsendableCause(PublishOptions publishOptions, MessageRecord record, DeliveryStatus status) {
        if (refusesImmediate(publishOptions)) {
            return PublishFailure.immediateRefused(status);
        }
        int frame = record.largestFixedFrame();
        return frame > frameMax
                ? headerTooLarge(frame)
                : record.copyLength(frameMax) > MAX_LENGTH ? bodyTooLarge(record.bodySize()) : null;
    }

    /** The exception for a body that, with the overhead of its frames, does not fit a buffer. */
    IllegalArgumentException bodyTooLarge(long size) {
        return new IllegalArgumentException(
                "body: " + size + " bytes (expected: less than 2 GiB in frames of " + frameMax + " bytes)");
    }

    /**
     * The exception for a method or header frame that exceeds the frame size of this link: such a frame cannot be
     * split.
     */
    IllegalArgumentException headerTooLarge(int frame) {
        return new IllegalArgumentException("content header: " + frame + " bytes (expected: <= " + frameMax
                + ", the frame size agreed with the broker)");
    }

    /** To be called after places were freed: makes their room available, and continues stop-and-wait. */
    void advance() {
        roomFreed();
        if (stopAndWaitActive) {
            stopAndWait.advance();
        }
    }

    /** Moves the head of the window, wakes waiting publishers if there is room, and completes {@link #idle}. */
    void roomFreed() {
        window.advance();
        if (unsentSegment != null && window.live() == 0) {
            sealUnsentSegment(); // nothing needs it: other publishers may be waiting for its bytes
        }
        if (retryAwaitsPlace && hasPlaceInRing()) {
            resumeRetries.run();
        }
        wakeIfHalfFree();
        if (idle != null && outstanding() == 0) {
            idle.complete(null);
        }
    }

    /** A large message takes a place and its bytes before it is encoded. */
    void beginEncoding(long length) {
        encoding++;
        log.bytes().reserve(length);
    }

    /** The large message is about to take its place in the window, or failed. */
    void endEncoding(long length) {
        encoding--;
        log.bytes().release(length);
        wakeIfHalfFree();
    }

    private void wakeIfHalfFree() {
        if (!waitingPublishers.isEmpty() && halfFree()) {
            waitingPublishers.wake();
        }
    }

    /** Makes every message that waits for room check again why it waits. */
    void wake() {
        resumeRetries.run();
        waitingPublishers.wake();
        log.bytes().signalAll();
    }

    /** Returns a future that completes once no message is outstanding. */
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
