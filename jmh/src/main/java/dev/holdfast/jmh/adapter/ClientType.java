package dev.holdfast.jmh.adapter;

import dev.holdfast.Transport;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** The compared clients. */
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
    /** Not a client: writes encoded frames and keeps no outcome. */
    CEILING {
        @Override
        public LoadConnection connect(Target target) throws Exception {
            return new Ceiling(URI.create(target.uri()), target.confirms());
        }
    };

    /** Connects. */
    public abstract LoadConnection connect(Target target) throws Exception;

    /** Whether this machine supports the client. */
    public boolean isAvailable() {
        return true;
    }

    /** The clients that this machine supports. */
    public static List<ClientType> available() {
        return Stream.of(values()).filter(ClientType::isAvailable).toList();
    }

    /** The supported clients whose names start with {@code family}. */
    public static List<ClientType> available(String family) {
        return available().stream()
                .filter(client -> client.name().startsWith(family))
                .toList();
    }

    /** Connects for one publisher, with at most {@code window} unconfirmed messages. */
    public ConfirmedPublisher open(String uri, int window) throws Exception {
        LoadConnection connection = connect(new Target(uri, window, true, 1));
        return new DedicatedPublisher(connection, connection.publisher());
    }
}
