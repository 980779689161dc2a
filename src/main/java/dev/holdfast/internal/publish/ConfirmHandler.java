package dev.holdfast.internal.publish;

import dev.holdfast.AmqpProtocolException;
import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReplyCode;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.UnroutableException;
import dev.holdfast.internal.outbound.ConfirmWindow;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What the broker says of the window's messages: acks, nacks and returns become outcomes.
 *
 * <p>Returns carry no tag. RabbitMQ sends a return before the ack of its message; Broker-J nacks first and returns
 * after: a nack of a mandatory message therefore waits, unless it is RabbitMQ's, for the next frame of the channel. A
 * return is an outcome: the confirm that follows finds its place free.
 *
 * <p>Event loop only.
 */
public final class ConfirmHandler {
    /** How long a nack of a mandatory message waits for a return when the broker sends nothing more. */
    private static final long RETURN_GRACE_MILLIS = 5000;

    /** How many acks are put off at most: what they free is waited for. */
    private static final int LONGEST_RUN = 256;

    private final PublishState state;
    private final EventLoop loop;
    private final RetryScheduler retrying;
    private final PublishContext host;
    private int nackedMandatory;
    private long nackBatch;

    /** Single acks that follow on one another and are not applied yet, by tag; 0: none. One lock serves all of them. */
    private long runFirst;

    private long runLast;

    ConfirmHandler(PublishState state, EventLoop loop, RetryScheduler retrying, PublishContext host) {
        this.state = state;
        this.loop = loop;
        this.retrying = retrying;
        this.host = host;
    }

    /** basic.ack of this channel. A single one may wait for its neighbours, until {@link #settleAcks}. */
    public void acked(long deliveryTag, boolean multiple) {
        if (!multiple && runFirst > 0 && deliveryTag == runLast + 1 && deliveryTag - runFirst < LONGEST_RUN) {
            runLast = deliveryTag;
            return;
        }
        settleAcks();
        if (!multiple && deliveryTag > 0) {
            runFirst = deliveryTag;
            runLast = deliveryTag;
            return;
        }
        state.log.lock();
        try {
            long last = last(deliveryTag, multiple, "basic.ack");
            confirm(first(last, multiple), last);
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    /** Nothing more comes at once: acks that were put off are applied. */
    public void settleAcks() {
        if (runFirst == 0) {
            return;
        }
        state.log.lock();
        try {
            applyAcks();
            requireWritten(runLast, "basic.ack");
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    /** The same where a protocol violation does not matter any more. Needs the lock; tell the outcomes after. */
    void applyAcks() {
        long first = runFirst;
        runFirst = 0;
        if (isWritten(first)) {
            ConfirmWindow window = state.window;
            confirm(
                    Math.max(window.position(first), window.head()),
                    isWritten(runLast) ? window.position(runLast) : lastHanded());
        }
    }

    /** All of these are confirmed. Needs the lock. */
    private void confirm(long first, long last) {
        ConfirmWindow window = state.window;
        if (state.log.events().timesConfirms() && first <= last && window.isLive(first)) {
            time(first);
        }
        long position = first;
        while (position <= last) {
            int run = window.plainRun(position, last);
            if (run > 0) {
                state.confirmRun(position, run);
                position += run;
            } else {
                if (window.isLive(position)) {
                    confirmed(position);
                }
                position++;
            }
        }
        state.settled();
    }

    /** When it was sent follows from when its attempt would have been given up. */
    private void time(long position) {
        long deadline = state.window.attemptDeadline(position);
        PublishOptions options = state.window.options(position);
        long latency = state.log.nanoTime() - deadline + state.confirmTimeout(options);
        if (deadline != ConfirmWindow.NO_DEADLINE && state.log.events().isSlow(latency)) {
            state.completions.addCallback(() -> state.log.events().slowConfirm(options.exchange(), latency));
        }
    }

    private void confirmed(long position) {
        int attempts = state.window.attempts(position);
        state.completions.addConfirmed(
                state.take(position), attempts == 1 ? Confirmation.ONE : Confirmation.of(attempts));
    }

    /** basic.nack of this channel. */
    public void nacked(long deliveryTag, boolean multiple) {
        settleAcks();
        state.log.lock();
        try {
            ConfirmWindow window = state.window;
            long last = last(deliveryTag, multiple, "basic.nack");
            for (long position = first(last, multiple); position <= last; position++) {
                if (!window.isLive(position) || window.has(position, ConfirmWindow.NACKED)) {
                    continue;
                }
                if (!state.rabbit && window.options(position).mandatory()) {
                    window.set(position, ConfirmWindow.NACKED);
                    nackedMandatory++;
                } else {
                    refused(position);
                }
            }
            state.settled();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
        if (nackedMandatory > 0) {
            long batch = ++nackBatch;
            loop.schedule(() -> graceOver(batch), RETURN_GRACE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** What was nacked later still waits: its own return may be the very next frame. */
    private void graceOver(long batch) {
        if (batch == nackBatch) {
            settleNacks();
        }
    }

    /** A frame came on the channel that is no part of a return: what was nacked stays nacked. */
    public void otherFrame() {
        if (nackedMandatory > 0) {
            settleNacks();
        }
    }

    private void settleNacks() {
        if (nackedMandatory == 0) {
            return;
        }
        state.log.lock();
        try {
            ConfirmWindow window = state.window;
            for (long position = window.head(); position < window.unsent(); position++) {
                if (window.isLive(position) && window.has(position, ConfirmWindow.NACKED)) {
                    window.clear(position, ConfirmWindow.NACKED);
                    refused(position);
                }
            }
            nackedMandatory = 0;
            state.settled();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    private void refused(long position) {
        state.log.counters().nacked(1);
        PublishOptions options = state.window.options(position);
        NackedException cause = new NackedException(options.exchange(), options.routingKey());
        retrying.attemptRefused(position, cause, DeliveryStatus.UNKNOWN);
    }

    /** basic.return of this channel, with its content. */
    public void returned(ReturnedMessage message) {
        settleAcks();
        boolean matched;
        Consumer<ReturnedMessage> callback = null;
        state.log.lock();
        try {
            long position = match(message);
            matched = position >= 0;
            if (matched) {
                state.log.counters().returned(1);
                callback = state.window.options(position).onReturn();
                if (state.window.has(position, ConfirmWindow.NACKED)) {
                    nackedMandatory--;
                }
                UnroutableException outcome = new UnroutableException(
                        message.replyCode(), message.replyText(), message.exchange(), message.routingKey());
                retrying.attemptRefused(position, outcome, DeliveryStatus.NOT_SENT);
                state.settled();
            }
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
        host.returned(message, callback, matched);
    }

    /** The oldest open mandatory message that is this one; a broker may have rewritten its properties. */
    private long match(ReturnedMessage message) {
        long sameBody = -1;
        ConfirmWindow window = state.window;
        for (long position = window.head(); position < window.unsent(); position++) {
            if (!window.isLive(position)) {
                continue;
            }
            PublishOptions options = window.options(position);
            if (!(options.mandatory() || options.immediate())
                    || !options.exchange().equals(message.exchange())
                    || !options.routingKey().equals(message.routingKey())
                    || !window.record(position).bodyEquals(message.body())) {
                continue;
            }
            if (window.record(position).properties().equals(message.properties())) {
                return position;
            }
            sameBody = sameBody < 0 ? position : sameBody;
        }
        return sameBody;
    }

    /** The channel is gone: what it acked counts, what it nacked will not be returned any more. Needs the lock. */
    void channelLost() {
        applyAcks();
        ConfirmWindow window = state.window;
        for (long position = window.head(); position < window.tail(); position++) {
            if (window.isLive(position) && window.has(position, ConfirmWindow.NACKED)) {
                window.clear(position, ConfirmWindow.NACKED);
                refused(position);
            }
        }
        nackedMandatory = 0;
    }

    /** Without confirms a message is done when its last byte was handed to the transport. */
    public void handedOver() {
        state.log.lock();
        try {
            ConfirmWindow window = state.window;
            for (long position = window.head(); position < window.unsent() && done(position); position++) {
                if (window.isLive(position)) {
                    confirmed(position);
                }
            }
            state.settled();
        } finally {
            state.log.unlock();
        }
        state.completions.completeAll();
    }

    private boolean done(long position) {
        return !state.window.isLive(position) || state.window.isTransferred(position);
    }

    /** "All so far" cannot mean what the broker has not got: what only stands in the log stays open. */
    private long lastHanded() {
        ConfirmWindow window = state.window;
        long position = window.unsent() - 1;
        while (position >= window.head() && !(window.isLive(position) && window.isTransferStarted(position))) {
            position--;
        }
        return position;
    }

    private long first(long last, boolean multiple) {
        return multiple ? state.window.head() : Math.max(last, state.window.head());
    }

    /** The last position that a confirm speaks of. */
    private long last(long deliveryTag, boolean multiple, String method) {
        ConfirmWindow window = state.window;
        if (deliveryTag == 0 && multiple) {
            return lastHanded();
        }
        requireWritten(deliveryTag, method);
        return window.position(deliveryTag);
    }

    private boolean isWritten(long deliveryTag) {
        ConfirmWindow window = state.window;
        if (!window.isTagSent(deliveryTag) || !state.options.confirms()) {
            return false;
        }
        long position = window.position(deliveryTag);
        return position < window.head() || !window.isLive(position) || window.isTransferStarted(position);
    }

    private void requireWritten(long deliveryTag, String method) {
        if (!isWritten(deliveryTag)) {
            throw new AmqpProtocolException(
                    method + " for delivery tag " + deliveryTag + " (expected: one that was published)",
                    ReplyCode.PRECONDITION_FAILED,
                    null);
        }
    }
}
