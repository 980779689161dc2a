package dev.holdfast.internal.publish;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.internal.outbound.CompletionQueue;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.CloseReasonMatcher;
import dev.holdfast.internal.state.StopAndWait;
import java.util.List;

/**
 * Attributes a close by the broker to the publish that caused it. That publish fails; those that the broker did not
 * handle because of it are retried without counting an attempt. If no publish matches, {@link StopAndWait} searches for
 * it.
 *
 * <p>Event loop only.
 */
public final class FaultAttribution {
    private final OutboundLog log;
    private final CompletionQueue completions;
    private final StopAndWait stopAndWait;

    public FaultAttribution(PublisherResources shared) {
        this.log = shared.log();
        this.completions = shared.completions();
        this.stopAndWait = shared.stopAndWait();
    }

    /** What was closed: the channel of one publisher, or the connection and with it the channels of all publishers. */
    private enum Scope {
        CHANNEL,
        CONNECTION
    }

    /**
     * The link is lost. Ends the open publishes of all publishers or keeps them for the next link, before the log
     * discards its record of transferred bytes.
     */
    public void linkLost(AmqpConnectionException cause, List<Publisher> publishers) {
        log.lock();
        try {
            log.linkLost();
            if (BrokerFaults.isFault(cause)) {
                attribute(Scope.CONNECTION, cause, cause.replyCode(), publishers);
            } else {
                publishers.forEach(publisher -> publisher.inDoubt.linkLost(cause));
            }
            stopAndWait.linkLost();
        } catch (RuntimeException | Error e) {
            publishers.forEach(publisher -> publisher.inDoubt.failAll(e));
            throw e;
        } finally {
            log.discardUnsent();
            log.unlock();
            completions.completeAll();
        }
    }

    /** The broker closed the channel of this publisher; the link is up. */
    public void channelClosed(AmqpChannelException cause, Publisher publisher) {
        log.lock();
        try {
            attribute(Scope.CHANNEL, cause, cause.replyCode(), List.of(publisher));
            stopAndWait.advance();
        } catch (RuntimeException | Error e) {
            publisher.inDoubt.failAll(e);
            throw e;
        } finally {
            log.unlock();
            completions.completeAll();
        }
    }

    private void attribute(Scope scope, AmqpException cause, int replyCode, List<Publisher> publishers) {
        boolean connection = scope == Scope.CONNECTION;
        // The close of a channel always starts the search, even if it names a method other than basic.publish.
        boolean publish = !connection || CloseReasonMatcher.mayBePublish(cause);
        List<Publisher> affected = connection
                ? publishers.stream()
                        .filter(publisher -> publisher.state.hasAttempts())
                        .toList()
                : publishers;
        Publisher faulty = null;
        long fault = -1;
        int matches = 0;
        boolean proven = false;
        for (Publisher publisher : publish ? affected : List.<Publisher>of()) {
            boolean alone = stopAndWait.proves(publisher.retransmission, connection);
            long position = publisher.inDoubt.findFault(cause, alone);
            if (position >= 0) {
                faulty = publisher;
                fault = position;
                matches++;
                proven |= alone;
            }
        }
        boolean known = matches == 1; // the broker handles the publishes of two channels in no defined order
        for (Publisher publisher : affected) {
            if (known && publisher == faulty) {
                publisher.inDoubt.resolveFault(fault, cause);
            } else {
                publisher.inDoubt.resolveCollateral(cause);
            }
        }
        if (faulty != null && known) {
            if (proven) {
                stopAndWait.found(faulty.retransmission, connection, replyCode);
            }
        } else if (publish && connection) {
            stopAndWait.beginAll(
                    publishers.stream()
                            .map(publisher -> publisher.retransmission)
                            .toList(),
                    replyCode);
        } else if (publish) {
            stopAndWait.begin(affected.get(0).retransmission, replyCode);
        }
    }
}
