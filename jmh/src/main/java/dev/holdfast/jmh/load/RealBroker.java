package dev.holdfast.jmh.load;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import java.io.IOException;

/** A broker that keeps what it gets: an exchange and a queue for the benchmark, emptied before each measurement. */
public final class RealBroker {
    private static final Exchange EXCHANGE = Exchange.direct("benchmark").durable(false);
    private static final Queue QUEUE = Queue.of("benchmark", EXCHANGE, "key").durable(false);

    private final String uri;

    /** amqp-client takes a slash at the end for a virtual host without a name. */
    public RealBroker(String uri) {
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

    /** A count that is short means messages lost; brokers count what was confirmed. */
    void requireArrived(Case what, Figures figures) throws IOException {
        try (Connection connection = Connection.open(uri);
                Channel channel = connection.channel()) {
            long arrived = channel.inspect(QUEUE.name()).messageCount();
            if (arrived != figures.sent()) {
                throw new IOException(what + ": " + arrived + " arrived (expected: " + figures.sent() + ")");
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
