package dev.holdfast.internal.session;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.channel.LinkHolder;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.outbound.OutboundLog;

/**
 * Handles the drain of a session's outbound log: completes publishes without confirms, and drops a link that fails.
 */
final class DrainHandler implements OutboundLog.DrainListener {
    private final LinkHolder link;
    private final ChannelTable channels;
    private final DeliveryBacklog backlog;
    private final boolean confirms;

    /** @param confirms whether publishes wait for the broker's confirms, {@code ConnectionOptions.confirms} */
    DrainHandler(LinkHolder link, ChannelTable channels, DeliveryBacklog backlog, boolean confirms) {
        this.link = link;
        this.channels = channels;
        this.backlog = backlog;
        this.confirms = confirms;
    }

    @Override
    public void stalled() {
        backlog.answerMayBeExpected();
    }

    @Override
    public void drained() {
        backlog.answerMayBeExpected();
        if (!confirms) {
            channels.publishers().forEach(publisher -> publisher.confirms().bytesTransferred());
        }
    }

    @Override
    public void failed(Throwable cause) {
        link.drop(new AmqpConnectionException(
                "link ended after an exception: " + cause, cause, 0, Initiator.NETWORK, true));
    }
}
