package dev.holdfast.jmh.load;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import java.io.IOException;

/** A real broker as the peer: declares an exchange and a queue, and purges the queue before each measurement. */
public final class BrokerPeer {
    private static final Exchange EXCHANGE = Exchange.direct("benchmark").durable(false);
    private static final Queue QUEUE = Queue.of("benchmark", EXCHANGE, "key").durable(false);

    private final String uri;

    /** Removes a trailing slash, which amqp-client reads as a virtual host with an empty name. */
    public BrokerPeer(String uri) {
        this.uri = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    }

    String uri() {
        return uri;
    }

    void prepare() {
        try (Connection connection = Connection.open(uri);
                Channel channel = connection.channel()) {
            channel.declare(EXCHANGE);
            Queue unused = channel.declare(QUEUE);
            long dropped = channel.purge(QUEUE.name());
            if (dropped < 0) {
                throw new IllegalStateException("purged: " + dropped + " (expected: a count)");
            }
        }
    }

    /** Fails unless the queue holds exactly the messages that were sent. */
    void requireArrived(Scenario scenario, Figures figures) throws IOException {
        try (Connection connection = Connection.open(uri);
                Channel channel = connection.channel()) {
            long arrived = channel.inspect(QUEUE.name()).messageCount();
            if (arrived != figures.sent()) {
                throw new IOException(scenario + ": " + arrived + " arrived (expected: " + figures.sent() + ")");
            }
        }
    }

    void cleanUp() {
        try (Connection connection = Connection.open(uri);
                Channel channel = connection.channel()) {
            long unused = channel.deleteQueue(QUEUE.name());
            channel.deleteExchange(EXCHANGE.name());
        }
    }
}
