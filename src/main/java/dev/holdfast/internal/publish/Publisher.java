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
import dev.holdfast.internal.outbound.ScheduledRetry;
import dev.holdfast.internal.outbound.Segment;
import dev.holdfast.internal.outbound.SegmentLog;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages on one channel, from any thread, and completes the future of each with its outcome.
 *
 * <pre>
 *   publish ── admit (window, bytes, blocked) ── append to log and window ────► drain ──► broker
 *                   waits up to the deadline        │ unsent while the link is down          │
 *                                                   ▼ or a declare is pending                ▼
 *                                         Retransmission ◄── link lost ── ConfirmHandler ◄── ack, nack, return
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
    private final PublishContext context;
    private final RetryScheduler retryScheduler;
    private final ConfirmHandler confirms;
    private final PublishRecovery recovery;
    private final DeadlineSweeper sweeper;
    private final DeclareBarrier barrier;
    private final AdmissionControl admission;

    public Publisher(PublisherResources shared, EventLoop loop, ConnectionOptions options, PublishContext context) {
        this.log = shared.log();
        this.segments = log.segments();
        this.loop = loop;
        this.context = context;
        this.state = new PublishState(shared, options);
        this.admission = new AdmissionControl(state, loop);
        this.retryScheduler = new RetryScheduler(state, loop);
        this.sweeper = new DeadlineSweeper(state, loop, retryScheduler, context);
        this.confirms = new ConfirmHandler(state, loop, retryScheduler, sweeper, context);
        this.inDoubt = new InDoubtResolver(state, retryScheduler, sweeper, confirms);
        this.retransmission = new Retransmission(state, sweeper);
        state.sendUnsent = retransmission::sendUnsent;
        this.barrier = new DeclareBarrier(state, loop, context, retryScheduler, retransmission);
        this.recovery = new PublishRecovery(state, retryScheduler, sweeper, inDoubt, barrier);
        retryScheduler.appender(this::append);
        locked(() -> shared.stopAndWait().created(retransmission));
    }

    /** Handles acks, nacks and returns. Event loop only. */
    public ConfirmHandler confirms() {
        return confirms;
    }

    /** Handles the loss and the reopening of the channel and the link. Event loop only. */
    public PublishRecovery recovery() {
        return recovery;
    }

    /** Publishes one message with this body, as below. The future returned completes with the outcome. */
    public CompletableFuture<Confirmation> publish(byte[] body, PublishOptions options, PublishTemplate template) {
        CompletableFuture<Confirmation> future = new CompletableFuture<>();
        publish(body, 0, body.length, options, template, future);
        return future;
    }

    /**
     * Publishes one message, whose body is the {@code size} bytes from {@code start} on, and which are copied before
     * this method returns.
     *
     * @param template the encoded form of {@code options}
     * @param future completes with the outcome
     * @throws IllegalArgumentException if the message can never be sent: its properties do not fit a frame
     */
    public void publish(
            byte[] body,
            int start,
            int size,
            PublishOptions options,
            PublishTemplate template,
            CompletableFuture<Confirmation> future) {
        Duration timeout = options.timeout();
        long deadline = timeout == null ? ConfirmWindow.NO_DEADLINE : log.nanoTime() + timeout.toNanos();
        long length = template.encodedLength(size, state.frameMax);
        if (length > SegmentLog.SEGMENT_BYTES) {
            publishLarge(body, start, size, options, template, deadline, future);
            return;
        }
        boolean wake;
        log.lock();
        try {
            AmqpException refusal = admission.admit(options, length, deadline);
            if (refusal != null) {
                future.completeExceptionally(refusal);
                return;
            }
            checkFrame(template);
            int framed = (int) template.encodedLength(size, state.frameMax);
            long attempt = prepare(options, deadline);
            boolean flowing = state.isFlowing();
            Segment segment = flowing ? segments.reserve(framed) : state.unsentSegment(framed);
            int offset = segment.length();
            template.encode(segment.appendBuffer(), state.channel, body, start, size, state.frameMax);
            state.window.add(future, options, segment, offset, framed, attempt, deadline);
            wake = flowing && sent();
            log.counters().published(framed);
        } finally {
            log.unlock();
        }
        if (wake) {
            log.schedule();
        }
    }

    /**
     * Declares these, without {@code always} only if one is not known to be declared. Completes on the event loop. Any
     * thread.
     *
     * @return whether anything was sent
     */
    public CompletableFuture<Boolean> declare(List<Declarable> entities, boolean always) {
        if (entities.isEmpty() || (!always && context.isDeclared(entities))) {
            return CompletableFuture.completedFuture(false);
        }
        return EventLoopCalls.call(loop, () -> context.declare(entities, always))
                .thenApply(done -> true);
    }

    /** Encodes a large message outside the lock, into its own segment. Its bytes are reserved before. */
    private void publishLarge(
            byte[] body,
            int start,
            int size,
            PublishOptions options,
            PublishTemplate template,
            long deadline,
            CompletableFuture<Confirmation> future) {
        boolean wake;
        log.lock();
        try {
            long length = template.encodedLength(size, state.frameMax);
            AmqpException refusal = admission.admit(options, length, deadline);
            if (refusal != null) {
                future.completeExceptionally(refusal);
                return;
            }
            state.beginEncoding(length);
            Segment unused = null;
            try {
                Segment large = encode(body, start, size, template);
                unused = large;
                refusal = admission.refusal(options);
                if (refusal != null) {
                    future.completeExceptionally(refusal);
                    return;
                }
                long attempt = prepare(options, deadline);
                boolean flowing = state.isFlowing();
                unused = null;
                if (flowing) {
                    segments.append(large);
                } else {
                    segments.adopt(large);
                }
                state.window.add(future, options, large, 0, large.length(), attempt, deadline);
                wake = flowing && sent();
                log.counters().published(large.length());
            } finally {
                if (unused != null) {
                    segments.recycle(unused);
                }
                state.endEncoding(length);
            }
        } finally {
            log.unlock();
        }
        if (wake) {
            log.schedule();
        }
    }

    /** Releases the lock while it encodes, and encodes again if the link changed meanwhile. */
    private Segment encode(byte[] body, int start, int size, PublishTemplate template) {
        while (true) {
            checkFrame(template);
            int frameMax = state.frameMax;
            int channel = state.channel;
            long length = template.encodedLength(size, frameMax);
            if (length > PublishState.MAX_LENGTH) {
                throw state.bodyTooLarge(size);
            }
            Segment large = segments.takePooled((int) length);
            boolean encoded = false;
            log.unlock();
            try {
                if (large == null) {
                    large = segments.newSegment((int) length);
                }
                template.encode(large.appendBuffer(), channel, body, start, size, frameMax);
                encoded = true;
            } finally {
                log.lock();
                if (!encoded && large != null) {
                    segments.recycle(large);
                }
            }
            if (frameMax == state.frameMax && channel == state.channel) {
                return large;
            }
            segments.recycle(large);
        }
    }

    private void checkFrame(PublishTemplate template) {
        if (template.largestFrame() > state.frameMax) {
            throw state.headerTooLarge(template.largestFrame());
        }
    }

    /**
     * Does what may fail before a message is encoded: once its bytes are in the log, it must get its place in the
     * window, or the tags of all later messages would be wrong. Returns the deadline of the attempt. Needs the lock.
     */
    private long prepare(PublishOptions options, long deadline) {
        barrier.require(options.declarations());
        state.window.ensureCapacity();
        // With a policy an attempt begins when the message is sent; without one, unsent messages are limited too.
        boolean begins = state.isFlowing() || options.retryPolicy().isNone();
        long attempt = begins ? sweeper.beginAttempt(options, log.now()) : ConfirmWindow.NO_DEADLINE;
        sweeper.watch(deadline);
        if (!state.open) {
            context.requestLink();
        }
        return attempt;
    }

    /** The newest message is in the log. Returns whether the drain must be scheduled. Needs the lock. */
    private boolean sent() {
        state.window.markAllSent();
        return log.appended();
    }

    /** Appends a message after its retry delay, as the newest one. Needs the lock. */
    private boolean append(ScheduledRetry message) {
        state.window.ensureRetryFields();
        long attempt = prepare(message.options(), message.deadline());
        boolean flowing = state.isFlowing();
        int frameMax = flowing ? state.frameMax : Integer.MAX_VALUE; // the frame size of the next link is not known yet
        int size = Math.toIntExact(message.record().copyLength(frameMax));
        Segment segment = flowing ? segments.reserve(size) : state.unsentSegment(size);
        int offset = segment.length();
        message.record().copyTo(segment.appendBuffer(), state.channel, frameMax);
        long position = state.window.add(
                message.future(), message.options(), segment, offset, size, attempt, message.deadline());
        boolean wake = flowing && sent();
        log.counters().retried(1);
        state.window.attempts(position, message.attempts() + 1);
        if (message.status() == DeliveryStatus.UNKNOWN) {
            state.window.set(position, ConfirmWindow.MAYBE_DELIVERED);
        }
        return wake;
    }

    /**
     * Cancels the future for a caller that stops waiting.
     *
     * @return whether the broker may hold the message; null if its outcome is known: the future is being completed
     */
    public @Nullable DeliveryStatus giveUp(CompletableFuture<Confirmation> future) {
        log.lock();
        try {
            DeliveryStatus status = retryScheduler.deliveryStatus(future);
            for (long position = state.window.head(); position < state.window.tail(); position++) {
                if (state.window.isLive(position) && state.window.future(position) == future) {
                    status = state.deliveryStatus(position);
                }
            }
            if (status != null) {
                // Under the lock: a message reported as not sent must not be sent later. No other code depends on the
                // future.
                future.cancel(false);
            }
            return status;
        } finally {
            log.unlock();
        }
    }

    /** The channel is closing: new messages stay unsent until the next one is open. */
    public void hold() {
        locked(() -> state.open = false);
    }

    /** Pauses new publishes for this reason, as the broker asks for this channel; null: resumes them. */
    public void pause(@Nullable String reason) {
        locked(() -> {
            state.clock.pause(reason);
            state.wake();
        });
    }

    /** Wakes waiting publishers, which check again why they wait. */
    public void wake() {
        locked(state::wake);
    }

    /** Accepts no more messages; the open ones continue. */
    public void refuse(AmqpConnectionException cause) {
        locked(() -> {
            state.closeCause = cause;
            state.wake();
        });
    }

    /** Whether a message in the window has no outcome yet, or the broker must end a pause first. Any thread. */
    public boolean awaitsBroker() {
        log.lock();
        try {
            return state.window.live() > 0 || state.clock.blockedReason() != null;
        } finally {
            log.unlock();
        }
    }

    /** Whether a message without a retry policy, sent or unsent, has no outcome yet. Event loop only. */
    public boolean limitsByWallClock() {
        log.lock();
        try {
            for (long position = state.window.head(); position < state.window.tail(); position++) {
                if (state.window.isLive(position)
                        && state.window.options(position).retryPolicy().isNone()) {
                    return true;
                }
            }
            return false;
        } finally {
            log.unlock();
        }
    }

    /** How many messages await a confirm; 0 while new messages stay unsent. Needs the lock. */
    public long atBroker() {
        return state.isFlowing() ? state.window.live() : 0;
    }

    /** Returns a future that completes when every message has its outcome. */
    public CompletableFuture<Void> idle() {
        log.lock();
        try {
            return state.idle();
        } finally {
            log.unlock();
        }
    }

    /** Accepts no more messages, and fails the open ones. Event loop only. */
    public void close(AmqpException cause) {
        recovery.close(cause);
    }

    private void locked(Runnable change) {
        log.lock();
        try {
            change.run();
        } finally {
            log.unlock();
        }
    }

    /** Gives memory of an idle window back. Needs the log's lock. */
    public void releaseIdle() {
        state.window.releaseIdle();
    }

    @Override
    public String toString() {
        return "publisher[" + state.window + "]";
    }
}
