package dev.holdfast.internal.publish;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** One publish of a schedule, and what the model broker knows of it. */
final class ModelMessage {
    private static final byte[] PATTERN = new byte[128 * 1024];

    static {
        new Random(0).nextBytes(PATTERN);
    }

    final int id;
    final ModelChannel channel;
    final PublishOptions options;
    final byte[] body;
    final long publishedAt;
    CompletableFuture<Confirmation> future;

    /** Times that the broker received the complete message. */
    int received;

    /** Of these, those that the broker discarded because it had closed the channel or connection. */
    int discarded;

    /** Of these, those whose close is not reported to the publisher yet. */
    int unreported;

    /** What the broker closes when it receives this message, with a reply text that does not identify the message. */
    final Poison poison;

    /** Closes reported to the publisher that this message caused. */
    int closes;

    /** Closes reported to the publisher while this message was open: each may give it a free retry. */
    int freeRetries;

    /** Whether a link was lost before a blocked broker read it. */
    boolean unread;

    /** A thread that publishes it waits for room. */
    boolean waiting;

    /** It was published on a thread of its own: later ones may have been admitted before it. */
    boolean waited;

    boolean acked;
    boolean nacked;
    boolean returned;
    boolean mayBeCause;

    /** A confirm was late: the message may be sent again on the same channel, even if it is confirmed meanwhile. */
    boolean late;

    /** An attempt ended for the broker's silence while that did not count. */
    boolean lateWhileBlocked;

    /** When it was first seen after its confirmTimeout, without a policy. */
    long overdueSince = Long.MAX_VALUE;

    boolean declareFailed;
    boolean cancelled;
    boolean tooLarge;

    /** Whether it was, or may have been, appended to the log of a link. */
    boolean appended;

    /** Channels on which it was received; true if the broker nacked it there, so that it may be sent again. */
    final Map<ModelBroker.BrokerChannel, Boolean> channels = new HashMap<>();

    Throwable failure;
    Confirmation confirmation;
    int completions;
    int doneAtStep = Integer.MAX_VALUE;

    enum Poison {
        NONE,
        CHANNEL,
        CONNECTION
    }

    ModelMessage(ModelChannel channel, int id, PublishOptions options, int size, Poison poison, long publishedAt) {
        this.channel = channel;
        this.id = id;
        this.options = options;
        this.body = Arrays.copyOfRange(PATTERN, id, id + size);
        this.poison = poison;
        this.publishedAt = publishedAt;
    }

    void completed(Confirmation result, Throwable error, int step) {
        completions++;
        confirmation = result;
        failure = error instanceof CompletionException ? error.getCause() : error;
        doneAtStep = step;
    }

    boolean isDone() {
        return completions > 0;
    }

    /** Whether a retry delay may have moved it behind messages that were published later. */
    boolean mayBeReordered() {
        return nacked || declareFailed || waited;
    }

    boolean mayBeHeldByBroker() {
        return received > discarded;
    }

    int maxAttempts() {
        return options.retryPolicy().maxRetries() + 1;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(channel.name + id + " [" + options.exchange() + ", " + body.length
                + " bytes, " + options.retryPolicy());
        append(text, poison != Poison.NONE, "poison " + poison);
        append(text, options.mandatory(), "mandatory");
        append(text, options.immediate(), "immediate");
        append(text, options.timeout() != null, "timeout " + options.timeout());
        append(text, options.confirmTimeout() != null, "confirmTimeout " + options.confirmTimeout());
        append(text, !options.declarations().isEmpty(), "declares " + options.declarations());
        append(text, appended, "appended");
        append(text, received > 0, "received " + received);
        append(text, discarded > 0, "discarded " + discarded);
        append(text, unread, "unread");
        append(text, waited, waiting ? "waiting" : "published on a thread");
        append(text, acked, "acked");
        append(text, nacked, "nacked");
        append(text, returned, "returned");
        append(text, closes > 0, "closes " + closes);
        append(text, freeRetries > 0, "free retries " + freeRetries);
        append(text, mayBeCause, "may be the cause");
        append(text, declareFailed, "declaration failed");
        append(text, cancelled, "cancelled");
        text.append(']');
        if (isDone()) {
            text.append(": ").append(failure == null ? confirmation : failure + " <- " + failure.getCause());
        }
        return text.toString();
    }

    private static void append(StringBuilder text, boolean applies, String fact) {
        if (applies) {
            text.append(", ").append(fact);
        }
    }

    /** The broker closed for another message: each open one may be sent again once more. */
    static void countFreeRetries(List<ModelMessage> messages) {
        messages.stream().filter(message -> !message.isDone()).forEach(message -> {
            message.unreported = 0;
            message.freeRetries++;
        });
    }

    /** The first of these messages that was published to this exchange. */
    static ModelMessage firstTo(String exchange, List<ModelMessage> inDoubt) {
        return inDoubt.stream()
                .filter(message -> message.options.exchange().equals(exchange))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Brokers handle publishes in order: the first to the missing exchange is the cause, those behind it are discarded.
     */
    static ModelMessage findCause(List<ModelMessage> inDoubt, String exchange) {
        ModelMessage cause = null;
        for (ModelMessage message : inDoubt) {
            boolean matches = message.options.exchange().equals(exchange);
            if (cause == null && matches) {
                cause = message;
            }
            if (cause != null) {
                message.discarded++;
                message.mayBeCause |= matches; // if the first has timed out, the publisher matches the next one
                message.declareFailed |= matches; // a retry delay follows
            }
        }
        return cause;
    }
}
