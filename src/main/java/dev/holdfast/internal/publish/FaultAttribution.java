package dev.holdfast.internal.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.state.BrokerFaults;
import java.util.ArrayList;
import java.util.List;

/**
 * What the end of a link comes to for the publishes that were under way on it. A broker that closes the connection for
 * something that one caller sent does so to all of them: who is to blame is found out here, and nobody else pays for it.
 *
 * <p>Event loop only.
 */
public final class FaultAttribution {
    private final OutboundLog log;
    private final StopAndWait oneAtATime;

    public FaultAttribution(OutboundLog log, StopAndWait oneAtATime) {
        this.log = log;
        this.oneAtATime = oneAtATime;
    }

    /** The link is gone. What was handed to the transport is read off the log before the log forgets it. */
    public void lost(AmqpConnectionException cause, List<Publisher> publishers) {
        log.lock();
        try {
            log.linkLost();
            if (BrokerFaults.isFault(cause)) {
                faulted(cause, publishers);
            } else {
                publishers.forEach(each -> each.recovery().losses().linkLost(cause));
            }
            log.discardUnsent();
        } finally {
            log.unlock();
        }
        publishers.forEach(each -> each.recovery().tell());
    }

    private void faulted(AmqpConnectionException cause, List<Publisher> publishers) {
        boolean publish = CloseReasonMatcher.mayBePublish(cause);
        List<Publisher> open =
                publishers.stream().filter(each -> each.state.open).toList();
        List<Publisher> suspects = new ArrayList<>();
        long culprit = -1;
        boolean proven = false;
        for (Publisher each : publish ? open : List.<Publisher>of()) {
            boolean sole = oneAtATime.proves(each.recovery(), true);
            long found = each.recovery().losses().culprit(cause, sole);
            if (found >= 0) {
                suspects.add(each);
                culprit = found;
                proven |= sole;
            }
        }
        boolean known = suspects.size() == 1; // two channels are not handled in any order
        boolean same = proven && oneAtATime.sameReason(cause.replyCode());
        for (Publisher each : open) {
            if (known && each == suspects.get(0)) {
                each.recovery().losses().blamed(culprit, cause);
            } else {
                each.recovery().losses().harmed(cause);
            }
        }
        if (known && same) {
            oneAtATime.end();
        } else if (publish && !known) {
            oneAtATime.begin(publishers.stream().map(Publisher::recovery).toList(), true, cause.replyCode());
        }
    }
}
