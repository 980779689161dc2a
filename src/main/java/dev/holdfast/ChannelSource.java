package dev.holdfast;

import dev.holdfast.internal.publish.Publisher;

/**
 * What a {@link Producer} publishes through: a {@link Connection}, whose producers share one confirming channel, or a
 * {@link Channel} of the user's own.
 */
public abstract sealed class ChannelSource permits Connection, Channel {
    ChannelSource() {}

    /** The publisher of the channel; may wait for the broker. */
    abstract Publisher publisher();

    /** Whether this thread does the connection's I/O and must not wait for it. */
    abstract boolean inEventLoop();

    /** The options of the connection. */
    abstract ConnectionOptions options();
}
