package dev.holdfast;

import dev.holdfast.internal.publish.Publisher;

/**
 * The channel that a {@link Producer} publishes on: that of a {@link Connection}, whose producers share one channel in
 * confirm mode, or a {@link Channel} that you opened.
 */
public abstract sealed class ChannelSource permits Connection, Channel {
    ChannelSource() {}

    /** Returns the publisher of the channel. May wait for the broker. */
    abstract Publisher publisher();

    /** Tells whether the current thread is the connection's I/O thread, which must not wait for a reply. */
    abstract boolean inEventLoop();

    /** Returns the options of the connection. */
    abstract ConnectionOptions options();

    /** Returns the present name of the queue that has or had this name. */
    abstract String currentName(String queue);
}
