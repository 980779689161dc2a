package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Lends channels of one connection, which stays the caller's to close. A channel comes back with its connection; one that
 * was closed, by you or by the broker, is replaced by a new one.
 *
 * <p>Opening a new channel is a call to the broker: it adds up to {@link ConnectionOptions#rpcTimeout()} to an acquire and
 * throws as {@link Connection#channel()} does. Return a channel as you got it: discard one that has consumers,
 * unacknowledged deliveries or a transaction.
 */
public final class ChannelPool extends Pool<Channel> {
    /** A pool of channels of this connection, at most {@code limit}, at least 1. */
    public ChannelPool(Connection connection, int limit) {
        super("channel", limit, new Channels(requireNonNull(connection, "connection")));
    }

    private record Channels(Connection connection) implements Resources<Channel> {
        @Override
        public Channel make() {
            return connection.channel();
        }

        @Override
        public boolean usable(Channel channel) {
            return !channel.isClosed();
        }

        @Override
        public CompletableFuture<?> close(Channel channel, Duration timeout) {
            return channel.closeAsync();
        }

        @Override
        public Duration closeTimeout() {
            return connection.options().closeTimeout();
        }
    }
}
