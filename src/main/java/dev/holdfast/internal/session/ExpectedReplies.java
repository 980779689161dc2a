package dev.holdfast.internal.session;

import dev.holdfast.internal.channel.ChannelTable;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.publish.Publisher;

/**
 * Tells what a session waits for from the broker, which decides whether reading may pause.
 *
 * <p>Event loop only.
 */
final class ExpectedReplies {
    private final SecretUpdates secrets;
    private final ChannelTable channels;

    ExpectedReplies(SecretUpdates secrets, ChannelTable channels) {
        this.secrets = secrets;
        this.channels = channels;
    }

    /**
     * Whether a reply, a confirm or the end of a pause is expected, or the broker must read first: it may not read
     * because its own writes block, and what is queued behind the full transport would never be sent.
     */
    boolean any(OutboundLog log) {
        return log.isStalled()
                || secrets.awaitsReply()
                || channels.awaitsReply()
                || channels.publishers().stream().anyMatch(Publisher::awaitsBroker);
    }

    /** Whether a reply or a delivery is expected. */
    boolean moreThanConfirms() {
        return secrets.awaitsReply() || channels.expectsMoreThanConfirms();
    }
}
