package dev.holdfast.internal.session;

import dev.holdfast.internal.channel.ChannelTable;
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

    /** Whether a reply or a confirm is expected. */
    boolean any() {
        return secrets.awaitsReply()
                || channels.awaitsReply()
                || channels.publishers().stream().anyMatch(Publisher::awaitsConfirms);
    }

    /** Whether a reply or a delivery is expected. */
    boolean moreThanConfirms() {
        return secrets.awaitsReply() || channels.expectsMoreThanConfirms();
    }
}
