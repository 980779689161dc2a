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
    private final DeadlineSweeper sweeper;
    private final PublishContext context;
    private int nackedMandatory;
    private long nackBatch;

    /** A timer runs at whose end nacked messages get no return any more. */
    private boolean graceRunning;

    // First and last tag of a run of single acks that are not applied yet, 0 if there is none: one lock for all of
    // them.
    private long runFirst;
    private long runLast;

    ConfirmHandler(
            PublishState state,
            EventLoop loop,
            RetryScheduler retryScheduler,
            DeadlineSweeper sweeper,
            PublishContext context) {
        this.state = state;
        this.loop = loop;
        this.retryScheduler = retryScheduler;
        this.sweeper = sweeper;
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
        sweeper.answered();
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
     * Reports the message if its confirm was slow. The begin of the attempt is its deadline minus the confirm timeout.
     */
    private void reportIfSlow(long position) {
        long deadline = state.window.attemptDeadline(position);
        PublishOptions options = state.window.options(position);
        long latency = state.clock.at(state.log.nanoTime(), options) - deadline + state.confirmTimeoutNanos(options);
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
            sweeper.answered();
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
            nackBatch++;
            if (!graceRunning) {
                startGrace();
            }
        }
    }

    private void startGrace() {
        graceRunning = true;
        long batch = nackBatch;
        Runnable expired = state.log.guarded(() -> graceExpired(batch));
        loop.schedule(expired, RETURN_GRACE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Messages nacked after this batch still wait: the next frame may be their return. */
    private void graceExpired(long batch) {
        graceRunning = false;
        if (batch == nackBatch) {
            applyNacks();
        } else if (nackedMandatory > 0) {
            startGrace();
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
            endNacked();
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
                sweeper.answered();
                state.log.counters().returned(1);
                callback = state.window.options(position).onReturn();
                if (state.window.has(position, ConfirmWindow.NACKED)) {
                    nackedMandatory--;
                }
                UnroutableException outcome = new UnroutableException(
                        message.replyCode(), message.replyText(), message.exchange(), message.routingKey());
                boolean mayBeMissing = message.replyCode() == ReplyCode.NO_ROUTE.code()
                        && context.notRouted(state.window.options(position).declarations());
                retryScheduler.returned(position, outcome, mayBeMissing);
                state.advance();
            }
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
        context.returned(message, callback, matched);
    }

    /**
     * Returns the position of the oldest open mandatory message whose bytes equal those returned, or -1. A broker may
     * have encoded the properties anew: if no bytes are equal, equal properties match, and else the body alone.
     */
    private long findReturned(ReturnedMessage message, Content content) {
        long bodyMatch = -1;
        long propertiesMatch = -1;
        ConfirmWindow window = state.window;
        for (long position = window.head(); position < window.unsent(); position++) {
            if (!window.isLive(position) || !mayBeReturned(window, position, message, content)) {
                continue;
            }
            MessageRecord record = window.record(position);
            if (record.headerEquals(content.encodedHeader())) {
                return position;
            }
            bodyMatch = bodyMatch < 0 ? position : bodyMatch;
            if (propertiesMatch < 0 && record.properties().equals(content.properties())) {
                propertiesMatch = position;
            }
        }
        return propertiesMatch < 0 ? bodyMatch : propertiesMatch;
    }

    private static boolean mayBeReturned(
            ConfirmWindow window, long position, ReturnedMessage message, Content content) {
        PublishOptions options = window.options(position);
        return (options.mandatory() || options.immediate())
                && options.exchange().equals(message.exchange())
                && options.routingKey().equals(message.routingKey())
                && hasBody(window.record(position), content);
    }

    /** Whether the bodies are equal. Of a returned body that was too large to be kept, only the size is known. */
    private static boolean hasBody(MessageRecord record, Content returned) {
        byte[] body = returned.body();
        return body == null ? record.bodySize() == returned.bodySize() : record.bodyEquals(body);
    }

    /** The channel is lost: applies its deferred acks, and its nacks because no return follows. Needs the lock. */
    void channelLost() {
        applyAcks();
        endNacked();
    }

    private void endNacked() {
        state.forEachOpen(position -> {
            if (state.window.has(position, ConfirmWindow.NACKED)) {
                state.window.clear(position, ConfirmWindow.NACKED);
                applyNack(position);
            }
        });
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
