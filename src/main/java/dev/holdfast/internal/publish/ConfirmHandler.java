package dev.holdfast.internal.publish;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.frame.MessageRecord;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.state.Content;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Applies basic.ack, basic.nack and basic.return to the confirm window: the outcomes of one publish or of many.
 *
 * <p>Returns carry no delivery tag. RabbitMQ sends a return before the ack of its message; Broker-J sends the nack
 * first and then the return. A nack of a mandatory message therefore waits for the next frame of the channel, unless
 * the broker is RabbitMQ. A return is an outcome: the confirm that follows finds the place of the message free.
 *
 * <p>Event loop only.
 */
public final class ConfirmHandler {
    /** How long a nack of a mandatory message waits for a return if no other frame comes. */
    private static final long RETURN_GRACE_MILLIS = 5000;

    /** Most acks in a run: publishers may be waiting for the room that they free. */
    private static final int MAX_RUN = 256;

    private final PublishState state;
    private final EventLoop loop;
    private final RetryScheduler retryScheduler;
    private final PublishContext context;
    private int nackedMandatory;
    private long nackBatch;

    // First and last tag of a run of single acks that are not applied yet, 0 if there is none: one lock for all of
    // them.
    private long runFirst;
    private long runLast;

    ConfirmHandler(PublishState state, EventLoop loop, RetryScheduler retryScheduler, PublishContext context) {
        this.state = state;
        this.loop = loop;
        this.retryScheduler = retryScheduler;
        this.context = context;
    }

    /**
     * Handles basic.ack. A single ack may be deferred until {@link #flushAcks}, to be applied in a run with the next
     * ones.
     */
    public void acked(long deliveryTag, boolean multiple) {
        if (!multiple && runFirst > 0 && deliveryTag == runLast + 1 && deliveryTag - runFirst < MAX_RUN) {
            runLast = deliveryTag;
            return;
        }
        flushAcks();
        if (!multiple && deliveryTag > 0) {
            runFirst = deliveryTag;
            runLast = deliveryTag;
            return;
        }
        state.log.lock();
        try {
            long last = lastPosition(deliveryTag, multiple, "basic.ack");
            confirm(firstPosition(last, multiple), last);
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    /** Applies the deferred acks: the read is over, or a frame of another kind follows. */
    public void flushAcks() {
        if (runFirst == 0) {
            return;
        }
        state.log.lock();
        try {
            applyAcks();
            requirePublished(runLast, "basic.ack");
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    /**
     * Applies the deferred acks without a check for protocol violations. Needs the lock; the caller completes the
     * outcomes.
     */
    void applyAcks() {
        long first = runFirst;
        runFirst = 0;
        if (isPublished(first)) {
            ConfirmWindow window = state.window;
            confirm(
                    Math.max(window.position(first), window.head()),
                    isPublished(runLast) ? window.position(runLast) : lastTransferred());
        }
    }

    /** Confirms the open messages of these positions. Needs the lock. */
    private void confirm(long first, long last) {
        ConfirmWindow window = state.window;
        if (state.log.events().timesConfirms() && first <= last && window.isLive(first)) {
            reportIfSlow(first);
        }
        long position = first;
        while (position <= last) {
            int run = window.plainRun(position, last);
            if (run > 0) {
                state.confirmRun(position, run);
                position += run;
            } else {
                if (window.isLive(position)) {
                    confirm(position);
                }
                position++;
            }
        }
        state.advance();
    }

    /**
     * Reports the message if its confirm was slow. The time of sending is the attempt's deadline minus the confirm
     * timeout.
     */
    private void reportIfSlow(long position) {
        long deadline = state.window.attemptDeadline(position);
        PublishOptions options = state.window.options(position);
        long latency = state.log.nanoTime() - deadline + state.confirmTimeoutNanos(options);
        if (deadline != ConfirmWindow.NO_DEADLINE && state.log.events().isSlow(latency)) {
            state.completions.addCallback(() -> state.log.events().slowConfirm(options.exchange(), latency));
        }
    }

    private void confirm(long position) {
        int attempts = state.window.attempts(position);
        Confirmation confirmation = attempts == 1 ? Confirmation.ONE : Confirmation.of(attempts);
        state.completions.addConfirmed(state.remove(position), confirmation);
    }

    /** Handles basic.nack. */
    public void nacked(long deliveryTag, boolean multiple) {
        flushAcks();
        state.log.lock();
        try {
            ConfirmWindow window = state.window;
            long last = lastPosition(deliveryTag, multiple, "basic.nack");
            for (long position = firstPosition(last, multiple); position <= last; position++) {
                if (!window.isLive(position) || window.has(position, ConfirmWindow.NACKED)) {
                    continue;
                }
                if (!state.rabbitMq && window.options(position).mandatory()) {
                    window.set(position, ConfirmWindow.NACKED);
                    nackedMandatory++;
                } else {
                    applyNack(position);
                }
            }
            state.advance();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
        if (nackedMandatory > 0) {
            long batch = ++nackBatch;
            Runnable expired = () -> state.log.runGuarded(() -> returnGraceExpired(batch));
            loop.schedule(expired, RETURN_GRACE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Messages nacked after this batch still wait: the next frame may be their return. */
    private void returnGraceExpired(long batch) {
        if (batch == nackBatch) {
            applyNacks();
        }
    }

    /** Handles a frame of the channel that is not part of a return: no return follows for the nacked messages. */
    public void otherFrame() {
        if (nackedMandatory > 0) {
            applyNacks();
        }
    }

    private void applyNacks() {
        if (nackedMandatory == 0) {
            return;
        }
        state.log.lock();
        try {
            ConfirmWindow window = state.window;
            for (long position = window.head(); position < window.unsent(); position++) {
                if (window.isLive(position) && window.has(position, ConfirmWindow.NACKED)) {
                    window.clear(position, ConfirmWindow.NACKED);
                    applyNack(position);
                }
            }
            nackedMandatory = 0;
            state.advance();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    private void applyNack(long position) {
        state.log.counters().nacked(1);
        PublishOptions options = state.window.options(position);
        NackedException cause = new NackedException(options.exchange(), options.routingKey());
        retryScheduler.attemptRefused(position, cause, DeliveryStatus.UNKNOWN);
    }

    /** Handles basic.return and its content; the message is made of both. */
    public void returned(ReturnedMessage message, Content content) {
        flushAcks();
        boolean matched;
        Consumer<ReturnedMessage> callback = null;
        state.log.lock();
        try {
            long position = findReturned(message, content);
            matched = position >= 0;
            if (matched) {
                state.log.counters().returned(1);
                callback = state.window.options(position).onReturn();
                if (state.window.has(position, ConfirmWindow.NACKED)) {
                    nackedMandatory--;
                }
                UnroutableException outcome = new UnroutableException(
                        message.replyCode(), message.replyText(), message.exchange(), message.routingKey());
                retryScheduler.attemptRefused(position, outcome, DeliveryStatus.NOT_SENT);
                state.advance();
            }
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
        context.returned(message, callback, matched);
    }

    /**
     * Returns the position of the oldest open mandatory message that equals the returned one, or -1. A broker may have
     * rewritten the properties: a message that differs only in them matches if no other does.
     */
    private long findReturned(ReturnedMessage message, Content content) {
        long bodyMatch = -1;
        ConfirmWindow window = state.window;
        for (long position = window.head(); position < window.unsent(); position++) {
            if (!window.isLive(position)) {
                continue;
            }
            PublishOptions options = window.options(position);
            if (!(options.mandatory() || options.immediate())
                    || !options.exchange().equals(message.exchange())
                    || !options.routingKey().equals(message.routingKey())
                    || !hasBody(window.record(position), content)) {
                continue;
            }
            if (window.record(position).properties().equals(content.properties())) {
                return position;
            }
            bodyMatch = bodyMatch < 0 ? position : bodyMatch;
        }
        return bodyMatch;
    }

    /** Whether the bodies are equal. Of a returned body that was too large to be kept, only the size is known. */
    private static boolean hasBody(MessageRecord record, Content returned) {
        byte[] body = returned.body();
        return body == null ? record.bodySize() == returned.bodySize() : record.bodyEquals(body);
    }

    /** The channel is lost: applies its deferred acks, and its nacks because no return follows. Needs the lock. */
    void channelLost() {
        applyAcks();
        ConfirmWindow window = state.window;
        for (long position = window.head(); position < window.tail(); position++) {
            if (window.isLive(position) && window.has(position, ConfirmWindow.NACKED)) {
                window.clear(position, ConfirmWindow.NACKED);
                applyNack(position);
            }
        }
        nackedMandatory = 0;
    }

    /** Without confirms, completes the messages whose last byte was transferred. */
    public void bytesTransferred() {
        state.log.lock();
        try {
            ConfirmWindow window = state.window;
            for (long position = window.head(); position < window.unsent() && isDone(position); position++) {
                if (window.isLive(position)) {
                    confirm(position);
                }
            }
            state.advance();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    private boolean isDone(long position) {
        return !state.window.isLive(position) || state.window.isTransferred(position);
    }

    /**
     * The last position of which a byte was transferred. An ack of all messages so far cannot include those
     * that only the log has.
     */
    private long lastTransferred() {
        ConfirmWindow window = state.window;
        long position = window.unsent() - 1;
        while (position >= window.head() && !(window.isLive(position) && window.isTransferStarted(position))) {
            position--;
        }
        return position;
    }

    private long firstPosition(long last, boolean multiple) {
        return multiple ? state.window.head() : Math.max(last, state.window.head());
    }

    /** The last position that a confirm refers to. */
    private long lastPosition(long deliveryTag, boolean multiple, String method) {
        ConfirmWindow window = state.window;
        if (deliveryTag == 0 && multiple) {
            return lastTransferred();
        }
        requirePublished(deliveryTag, method);
        return window.position(deliveryTag);
    }

    private boolean isPublished(long deliveryTag) {
        ConfirmWindow window = state.window;
        if (!window.isTagSent(deliveryTag) || !state.options.confirms()) {
            return false;
        }
        long position = window.position(deliveryTag);
        return position < window.head() || !window.isLive(position) || window.isTransferStarted(position);
    }

    private void requirePublished(long deliveryTag, String method) {
        if (!isPublished(deliveryTag)) {
            throw new AmqpProtocolException(
                    method + " for delivery tag " + deliveryTag + " (expected: one that was published)",
                    ReplyCode.PRECONDITION_FAILED,
                    null);
        }
    }
}
