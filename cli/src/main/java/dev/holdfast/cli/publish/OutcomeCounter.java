package dev.holdfast.cli.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.Confirmation;
import dev.holdfast.NackedException;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.RetriesExhaustedException;
import dev.holdfast.UnroutableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Counts messages by outcome, each under one. Thread-safe. */
final class OutcomeCounter {
    private final ConfirmedPrefix prefix = new ConfirmedPrefix();
    private long read;
    private long pending;
    private long confirmed;
    private long returned;
    private long nacked;
    private long failed;
    private long unknown;
    private long unsent;
    private long retried;
    private long startNanos;
    private boolean ended;

    /** Counts a message that is about to be published; false after {@link #end}: it must not be published. */
    synchronized boolean begin() {
        if (ended) {
            return false;
        }
        read();
        pending++;
        return true;
    }

    /** Counts a message that was rejected before it was sent; false after {@link #end}. */
    synchronized boolean rejected() {
        if (ended) {
            return false;
        }
        read();
        failed++;
        unsent++;
        return true;
    }

    private void read() {
        if (read++ == 0) {
            startNanos = System.nanoTime();
        }
    }

    /** Counts an outcome. The number of the message counts from 1. */
    synchronized void confirmed(long number, Confirmation confirmation) {
        confirmed++;
        prefix.add(number);
        retried(confirmation.attempts());
        completed();
    }

    synchronized void failed(Throwable failure) {
        Throwable cause = failure;
        if (failure instanceof RetriesExhaustedException exhausted) {
            retried(exhausted.attempts());
            cause = exhausted.getCause();
        }
        if (failure instanceof PublishException publish && publish.delivery() == DeliveryStatus.UNKNOWN) {
            unknown++;
        } else if (cause instanceof UnroutableException) {
            returned++;
        } else if (cause instanceof NackedException) {
            nacked++;
        } else {
            failed++;
            unsent += wasSent(failure) ? 0 : 1;
        }
        completed();
    }

    /** Returns whether the broker got the message, given that it is not in a queue for certain. */
    private static boolean wasSent(Throwable failure) {
        return failure instanceof AmqpChannelException channel
                ? channel.failedMethod().equals("basic.publish")
                : failure instanceof AmqpConnectionException;
    }

    private void retried(int attempts) {
        retried += Math.max(0, attempts - 1);
    }

    private void completed() {
        if (--pending == 0) {
            notifyAll();
        }
    }

    /** Refuses further messages. */
    synchronized void end() {
        ended = true;
    }

    synchronized boolean ended() {
        return ended;
    }

    /** Returns the number of messages without an outcome. */
    synchronized long pending() {
        return pending;
    }

    /** Waits until every message has its outcome. Returns false if one has none in time. */
    synchronized boolean await(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (pending > 0) {
            long remaining = deadline - System.nanoTime();
            if (remaining <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, remaining);
        }
        return true;
    }

    /** Returns the counts so far. A message without an outcome counts as unknown. */
    synchronized PublishSummary summary() {
        double seconds = read == 0 ? 0 : (System.nanoTime() - startNanos) / 1e9;
        return new PublishSummary(
                read,
                read - unsent,
                confirmed,
                returned,
                nacked,
                failed,
                unknown + pending,
                retried,
                prefix.length(),
                seconds);
    }
}
