package dev.holdfast.internal.publish;

import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.SegmentLog;
import java.time.Duration;

/** What must hold after each turn of the event loop. */
final class ModelInvariants {
    /** The segments that are being filled, and those of which messages were sent again, of all channels. */
    private static final int SEGMENT_SLACK = 10 * SegmentLog.SEGMENT_BYTES;

    private static final long GRACE_NANOS = Duration.ofMillis(20).toNanos();

    private ModelInvariants() {}

    static void check(ModelClient client) {
        client.messages.forEach(message -> requireInTime(client, message));
        requireNoneUntold(client);
        requireBytesBounded(client);
        requireOneOutstandingUnderStopAndWait(client);
        for (ModelChannel channel : client.channels) {
            require(!channel.mustBeIdle() || channel.isIdle(), "idle, but not reported", channel);
        }
    }

    private static void requireInTime(ModelClient client, ModelMessage message) {
        Duration timeout = message.options.timeout();
        boolean late = !message.isDone()
                && timeout != null
                && client.clock.nanoTime() - message.publishedAt >= timeout.toNanos();
        require(!late, "late", message);
        requireAttemptInTime(client, message);
    }

    /** An attempt without a policy, sent or unsent. If the loop was late, the socket is read for some time before. */
    private static void requireAttemptInTime(ModelClient client, ModelMessage message) {
        if (message.isDone() || message.waited || !message.options.retryPolicy().isNone()) {
            return;
        }
        long now = client.clock.nanoTime();
        Duration own = message.options.confirmTimeout();
        Duration timeout = own == null ? client.options.confirmTimeout() : own;
        if (now - message.publishedAt >= timeout.toNanos()) {
            message.overdueSince = Math.min(message.overdueSince, now);
        }
        require(now - message.overdueSince < GRACE_NANOS, "late without a policy", message);
    }

    /** A future that is open although no publisher has its message would stay open. */
    private static void requireNoneUntold(ModelClient client) {
        int open = 0;
        boolean cancelled = false;
        for (ModelMessage message : client.messages) {
            open += message.isDone() || message.waiting ? 0 : 1;
            cancelled |= message.cancelled;
        }
        int delayed = 0;
        for (ModelChannel channel : client.channels) {
            open -= openInWindow(channel.publisher.state.window);
            delayed += channel.publisher.state.delayedRetries;
        }
        // A cancelled message may still be delayed.
        require(
                open == delayed || (cancelled && open >= 0 && open < delayed),
                "open messages that no window holds",
                open + ", delayed: " + delayed + " " + client.channels);
    }

    /** In segments or delayed, all open messages fit the bound, unless a large one was admitted alone. */
    private static void requireBytesBounded(ModelClient client) {
        long sum = 0;
        long largest = 0;
        for (ModelMessage message : client.messages) {
            if (!message.isDone() && !message.waiting) {
                sum += message.body.length;
                largest = Math.max(largest, message.body.length);
            }
        }
        long bound = Math.max(largest, client.options.maxUnconfirmedBytes());
        long used = client.log.bytes().used();
        require(used <= bound + SEGMENT_SLACK, "bytes that count", used + " (bound: " + bound + ") " + client.channels);
        require(sum <= bound, "bytes of open messages", sum + " (bound: " + bound + ") " + client.channels);
    }

    private static int openInWindow(ConfirmWindow window) {
        int open = 0;
        for (long position = window.head(); position < window.tail(); position++) {
            if (window.isLive(position) && !window.future(position).isDone()) {
                open++;
            }
        }
        return open;
    }

    /** On the connection or, if only the cause of a channel.close is sought, on that channel. */
    private static void requireOneOutstandingUnderStopAndWait(ModelClient client) {
        int onConnection = 0;
        for (ModelChannel channel : client.channels) {
            Publisher publisher = channel.publisher;
            if (publisher.state.stopAndWaitActive) {
                int outstanding = outstanding(publisher.state.window);
                require(outstanding <= 1, "outstanding on a channel under stop-and-wait", channel);
                boolean connection = client.shared.stopAndWait().proves(publisher.retransmission, true);
                onConnection += connection ? outstanding : 0;
            }
        }
        require(onConnection <= 1, "outstanding under stop-and-wait", client.channels);
    }

    private static int outstanding(ConfirmWindow window) {
        int outstanding = 0;
        for (long position = window.head(); position < window.unsent(); position++) {
            outstanding += window.isLive(position) ? 1 : 0;
        }
        return outstanding;
    }

    private static void require(boolean condition, String rule, Object subject) {
        if (!condition) {
            throw new AssertionError(rule + ": " + subject);
        }
    }
}
