package dev.holdfast.internal.publish;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishOptions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** One publish of a schedule, and all that its broker knows of it. */
final class ModelMessage {
    private static final byte[] PATTERN = new byte[128 * 1024];

    static {
        new Random(0).nextBytes(PATTERN);
    }

    final int id;
    final PublishOptions options;
    final byte[] body;
    final long publishedAt;
    CompletableFuture<Confirmation> future;

    /** Times that the broker got it, whole. */
    int written;

    /** Of these, those that the broker threw away with a channel that it closed. */
    int discarded;

    /** Of these, those of which the publisher has not heard that the channel was closed. */
    int unheard;

    /** What the broker closes whenever it gets this message, without saying for which. */
    final Poison poison;

    /** Times that the publisher was told of a close that this message had caused. */
    int closes;

    /** Closes for another message that the publisher was told of while it had this one. */
    int excuses;

    boolean acked;
    boolean nacked;
    boolean returned;
    boolean blamed;
    boolean declareFailed;
    boolean cancelled;
    boolean tooLarge;

    /** It was, or may have been, appended to the log of a link. */
    boolean queued;

    /** Channels that it went over; the value: the broker has refused it there, so that it may come again. */
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

    ModelMessage(int id, PublishOptions options, int size, Poison poison, long publishedAt) {
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

    /** It slept between two attempts, so it may come after those that were published later. */
    boolean lostItsTurn() {
        return nacked || declareFailed;
    }

    boolean mayBeHeldByBroker() {
        return written > discarded;
    }

    int maxAttempts() {
        return options.retryPolicy().maxRetries() + 1;
    }

    @Override
    public String toString() {
        return "message " + id + " " + options.retryPolicy() + " written=" + written + " discarded=" + discarded
                + " acked=" + acked + " nacked=" + nacked + " returned=" + returned + " poison=" + poison + " closes="
                + closes + " excuses=" + excuses + " blamed=" + blamed
                + " declareFailed=" + declareFailed + " cancelled=" + cancelled + " queued=" + queued + " outcome="
                + (failure == null ? confirmation : failure + " <- " + failure.getCause());
    }
}
