package dev.holdfast.jmh.impl;

import dev.holdfast.Transport;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** The clients that are compared. */
public enum ClientType {
    HOLDFAST_NIO {
        @Override
        public LoadConnection connect(Target target) {
            return new HoldfastConnection(target, Transport.NIO);
        }
    },
    HOLDFAST_EPOLL {
        @Override
        public LoadConnection connect(Target target) {
            return new HoldfastConnection(target, Transport.EPOLL);
        }

        @Override
        public boolean isAvailable() {
            return Epoll.isAvailable();
        }
    },
    HOLDFAST_IO_URING {
        @Override
        public LoadConnection connect(Target target) {
            return new HoldfastConnection(target, Transport.IO_URING);
        }

        @Override
        public boolean isAvailable() {
            return IoUring.isAvailable();
        }
    },
    AMQP_CLIENT_SOCKET {
        @Override
        public LoadConnection connect(Target target) throws Exception {
            return new AmqpClientConnection(URI.create(target.uri()), target, false);
        }
    },
    AMQP_CLIENT_NETTY {
        @Override
        public LoadConnection connect(Target target) throws Exception {
            return new AmqpClientConnection(URI.create(target.uri()), target, true);
        }
    },
    /** No client: what the machine gives when the frames are encoded already and no outcome is kept. */
    CEILING {
        @Override
        public LoadConnection connect(Target target) throws Exception {
            return new Ceiling(URI.create(target.uri()), target.confirms());
        }
    };

    /** Connects. */
    public abstract LoadConnection connect(Target target) throws Exception;

    /** Whether this machine has what it needs. */
    public boolean isAvailable() {
        return true;
    }

    /** Those that this machine can run. */
    public static List<ClientType> available() {
        return Stream.of(values()).filter(ClientType::isAvailable).toList();
    }

    /** Those of a family, by the start of their names, that this machine can run. */
    public static List<ClientType> available(String family) {
        return available().stream()
                .filter(client -> client.name().startsWith(family))
                .toList();
    }

    /** Connects for one publisher; at most {@code window} messages are unconfirmed at any time. */
    public ConfirmedPublisher open(String uri, int window) throws Exception {
        LoadConnection connection = connect(new Target(uri, window, true, 1));
        return new Solo(connection, connection.publisher());
    }
}
