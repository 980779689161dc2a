package dev.holdfast.pool;

import static java.util.Objects.requireNonNull;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.pool.ResourcePool.Resources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A pool of channels of one connection, which the pool does not close. After a reconnect the channels are reopened; a
 * channel that was closed by you or by the broker is replaced.
 *
 * <p>Opening a new channel is a call to the broker: it adds up to {@link dev.holdfast.ConnectionOptions#rpcTimeout()}
 * to an acquire and throws as {@link Connection#channel()} does. Release a channel in its initial state: discard one
 * that has consumers, unacknowledged deliveries or a transaction.
 */
public final class ChannelPool extends Pool<Channel> {
    /** Creates a pool of up to {@code limit} channels of this connection, at least 1. */
    public ChannelPool(Connection connection, int limit) {
        super("channel", limit, new Channels(requireNonNull(connection, "connection")));
    }

    private record Channels(Connection connection) implements Resources<Channel> {
        @Override
        public Channel create() {
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
