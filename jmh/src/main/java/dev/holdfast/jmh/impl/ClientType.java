package dev.holdfast.jmh.impl;

import dev.holdfast.Transport;
import java.net.URI;

/** The clients that are compared. */
public enum ClientType {
    HOLDFAST_NIO {
        @Override
        public ConfirmedPublisher open(String uri, int window) {
            return new HoldfastPublisher(uri, window, Transport.NIO);
        }
    },
    HOLDFAST_EPOLL {
        @Override
        public ConfirmedPublisher open(String uri, int window) {
            return new HoldfastPublisher(uri, window, Transport.EPOLL);
        }
    },
    AMQP_CLIENT_SOCKET {
        @Override
        public ConfirmedPublisher open(String uri, int window) throws Exception {
            return new AmqpClientPublisher(URI.create(uri), window, false);
        }
    },
    AMQP_CLIENT_NETTY {
        @Override
        public ConfirmedPublisher open(String uri, int window) throws Exception {
            return new AmqpClientPublisher(URI.create(uri), window, true);
        }
    };

    static final String EXCHANGE = "benchmark";
    static final String ROUTING_KEY = "key";

    /** Connects; at most {@code window} messages are unconfirmed at any time. */
    public abstract ConfirmedPublisher open(String uri, int window) throws Exception;
}
