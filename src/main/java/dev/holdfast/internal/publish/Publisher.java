package dev.holdfast.internal.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes publishes from any thread to their outcome on one confirming channel.
 *
 * <pre>
 *   publish ── admit (window, bytes, blocked) ── append to log and window ──► drain ──► broker
 *                   waits up to the deadline        │ held while the link is down          │
 *                                                   ▼ or a declare is pending              ▼
 *                                               Replay ◄── link lost ── Confirms ◄── ack, nack, return
 * </pre>
 *
 * Thread-safe.
 */
public final class Publisher {
    final PublishState state;
    final InDoubtResolver inDoubt;
    final Retransmission retransmission;
    private final OutboundLog log;
    private final SegmentLog segments;
    private final EventLoop loop;
    private final PublishContext host;
    private final ConfirmHandler confirms;
    private final PublishRecovery recovery;
    private final DeadlineSweeper sweeper;
    private final DeclareBarrier barrier;
    private final AdmissionControl admission;

    public Publisher(
            OutboundLog log, EventLoop loop, ConnectionOptions options, PublishContext host, StopAndWait oneAtATime) {
        this.log = log;
        this.segments = log.segments();
        this.loop = loop;
        this.host = host;
        this.state = new PublishState(log, options, oneAtATime);
        this.admission = new AdmissionControl(state, loop);
        RetryScheduler retrying = new RetryScheduler(state, loop);
        this.sweeper = new DeadlineSweeper(state, loop, retrying, host);
        this.confirms = new ConfirmHandler(state, loop, retrying, host);
        this.inDoubt = new InDoubtResolver(state, retrying, sweeper, confirms);
        this.retransmission = new Retransmission(state, sweeper);
        this.barrier = new DeclareBarrier(state, loop, host, retrying, retransmission);
        this.recovery = new PublishRecovery(state, retrying, sweeper, inDoubt, barrier);
        retrying.appender(this::append);
    }

    /** What the broker answers. Event loop only. */
    public ConfirmHandler confirms() {
        return confirms;
    }

    /** Loss and return of channel and link. Event loop only. */
    public PublishRecovery recovery() {
        return recovery;
    }

    /**
     * Publishes one message, the template being what these options encode to. The body is copied before this returns; the future tells every outcome.
     *
     * @throws IllegalArgumentException if the message can never be sent: its properties do not fit a frame
     */
    public CompletableFuture<Confirmation> publish(byte[] body, PublishOptions options, PublishTemplate template) {
        return publish(body, 0, body.length, options, template);
    }

    /** Publishes one message as above, its body {@code size} bytes from {@code start} on. */
    public CompletableFuture<Confirmation> publish(
            byte[] body, int start, int size, PublishOptions options, PublishTemplate template) {
        CompletableFuture<Confirmation> future = new CompletableFuture<>();
        Duration timeout = options.timeout();
        long deadline = timeout == null ? ConfirmWindow.NO_DEADLINE : log.nanoTime() + timeout.toNanos();
        long length = template.encodedLength(size, state.frameMax);
        if (length > SegmentLog.SEGMENT_BYTES) {
            publishLarge(body, start, size, options, template, deadline, future);
            return future;
        }
        boolean wake;
        log.lock();
        try {
            AmqpException refusal = admission.admit(options, length, deadline);
            if (refusal != null) {
                future.completeExceptionally(refusal);
                return future;
            }
            checkFrame(template);
            int framed = (int) template.encodedLength(size, state.frameMax);
            barrier.require(options.declarations());
            boolean flowing = state.flowing();
            Segment segment = flowing ? segments.reserve(framed) : state.heldRoom(framed);
            int offset = segment.length();
            template.encode(segment.appendBuffer(), state.channel, body, start, size, state.frameMax);
            wake = add(future, options, segment, offset, framed, deadline, flowing);
            accepted(framed);
        } finally {
            log.unlock();
        }
        if (wake) {
            log.schedule();
        }
        return future;
    }

    /**
     * Declares these, unless {@code always} only where one is not known to stand. Any thread.
     *
     * @return whether anything was sent
     */
    public CompletableFuture<Boolean> declare(List<Declarable> entities, boolean always) {
        if (entities.isEmpty() || (!always && host.isDeclared(entities))) {
            return CompletableFuture.completedFuture(false);
        }
        CompletableFuture<Boolean> sent =
                EventLoopCalls.call(loop, () -> host.declare(entities, always)).thenApply(done -> true);
        var executor = state.options.completionExecutor();
        return executor == null ? sent : sent.thenApplyAsync(done -> done, executor);
    }

    /** A large body is encoded outside the lock, into a segment of its own. */
    private void publishLarge(
            byte[] body,
            int start,
            int size,
            PublishOptions options,
            PublishTemplate template,
            long deadline,
            CompletableFuture<Confirmation> future) {
        boolean wake = false;
        long limit = admission.limit(options, deadline);
        while (true) {
            int frameMax = state.frameMax;
            int channel = state.channel;
            long length = template.encodedLength(size, frameMax);
            if (length > Integer.MAX_VALUE - 64) {
                throw new IllegalArgumentException("body: " + size + " bytes (expected: less than 2 GiB framed)");
            }
            Segment large;
            log.lock();
            try {
                AmqpException refusal = admission.admit(options, length, limit);
                if (refusal != null) {
                    future.completeExceptionally(refusal);
                    return;
                }
                checkFrame(template);
                large = segments.takePooled((int) length);
            } finally {
                log.unlock();
            }
            if (large == null) {
                large = segments.newSegment((int) length);
            }
            template.encode(large.appendBuffer(), channel, body, start, size, frameMax);
            log.lock();
            try {
                // The link may have changed, or others may have taken the room, while the body was being copied.
                if (frameMax != state.frameMax || channel != state.channel || !admission.mayAppend(length)) {
                    segments.recycle(large);
                    continue;
                }
                barrier.require(options.declarations());
                boolean flowing = state.flowing();
                if (flowing) {
                    segments.append(large);
                } else {
                    segments.adopt(large);
                }
                wake = add(future, options, large, 0, (int) length, deadline, flowing);
                accepted(length);
                break;
            } finally {
                log.unlock();
            }
        }
        if (wake) {
            log.schedule();
        }
    }

    private void accepted(long length) {
        log.counters().published(length);
    }

    private void checkFrame(PublishTemplate template) {
        if (template.largestFrame() > state.frameMax) {
            throw state.tooLarge(template.largestFrame());
        }
    }

    /** Gives the message its place. True: the drain must be scheduled. Needs the lock. */
    private boolean add(
            CompletableFuture<Confirmation> future,
            PublishOptions options,
            Segment segment,
            int offset,
            int length,
            long deadline,
            boolean flowing) {
        boolean waitsForRetry = !state.open && !options.retryPolicy().isNone();
        long attempt = waitsForRetry ? ConfirmWindow.NO_DEADLINE : log.now() + state.confirmTimeout(options);
        state.window.add(future, options, segment, offset, length, attempt, deadline);
        sweeper.watch(Math.min(attempt, deadline));
        if (flowing) {
            state.window.markAllSent();
            return log.appended();
        }
        if (!state.open) {
            host.requestLink();
        }
        return false;
    }

    /** A message comes back from its retry delay: as the newest, whatever room there is. Needs the lock. */
    private boolean append(ScheduledRetry message) {
        barrier.require(message.options().declarations());
        boolean flowing = state.flowing();
        int size = Math.toIntExact(message.record().copyLength(state.frameMax));
        Segment segment = flowing ? segments.reserve(size) : state.heldRoom(size);
        int offset = segment.length();
        message.record().copyTo(segment.appendBuffer(), state.channel, state.frameMax);
        boolean wake = add(message.future(), message.options(), segment, offset, size, message.deadline(), flowing);
        long position = state.window.tail() - 1;
        log.counters().retried(1);
        state.window.attempts(position, message.attempts() + 1);
        if (message.maybeDelivered()) {
            state.window.set(position, ConfirmWindow.MAYBE_DELIVERED);
        }
        return wake;
    }

    /** Whether the broker may hold the message of this future: for a caller that gives up waiting. */
    public DeliveryStatus giveUp(CompletableFuture<Confirmation> future) {
        log.lock();
        try {
            for (long position = state.window.head(); position < state.window.tail(); position++) {
                if (state.window.isLive(position) && state.window.future(position) == future) {
                    return state.delivery(position);
                }
            }
            return DeliveryStatus.UNKNOWN;
        } finally {
            // Under the lock, so that a message told as not sent is not sent after all; nothing hangs on this future.
            future.cancel(false);
            log.unlock();
        }
    }

    /** The channel ends: what is published from now on waits for the next. */
    public void hold() {
        log.lock();
        try {
            state.open = false;
        } finally {
            log.unlock();
        }
    }

    /** The broker asks this channel to pause, for this reason; null: it may go on. */
    public void pause(@Nullable String reason) {
        log.lock();
        try {
            state.paused = reason;
            state.room.wake();
        } finally {
            log.unlock();
        }
    }

    /** Whoever waits looks again at why. */
    public void wake() {
        log.lock();
        try {
            state.room.wake();
        } finally {
            log.unlock();
        }
    }

    /** Takes nothing any more; what is open goes on. */
    public void refuse(AmqpConnectionException cause) {
        log.lock();
        try {
            state.closed = cause;
            state.room.wake();
        } finally {
            log.unlock();
        }
    }

    /** Whether a message that was published has no outcome yet. Any thread. */
    public boolean awaitsConfirms() {
        log.lock();
        try {
            return state.window.live() > 0;
        } finally {
            log.unlock();
        }
    }

    /** How many messages the broker is to answer for; 0 where they go one by one, or not at all. Needs the lock. */
    public long atBroker() {
        return state.flowing() ? state.window.live() : 0;
    }

    /** Completes when every message has its outcome. */
    public CompletableFuture<Void> idle() {
        log.lock();
        try {
            return state.idle();
        } finally {
            log.unlock();
        }
    }

    /** Takes nothing any more and fails what is open. Event loop only. */
    public void close(AmqpException cause) {
        recovery.close(cause);
    }

    @Override
    public String toString() {
        return "publisher[" + state.window + "]";
    }
}
