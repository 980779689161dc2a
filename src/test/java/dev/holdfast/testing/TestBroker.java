package dev.holdfast.testing;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.UUID;

/**
 * A running broker, shared by all tests of the run. Each test uses its own names of queues and exchanges, which are
 * deleted after it.
 */
public final class TestBroker {
    /** The largest body that a broker with {@link Feature#MESSAGE_SIZE_LIMIT} accepts: RabbitMQ 4's default. */
    public static final int MAX_MESSAGE_SIZE = 16 << 20;

    private final String name;
    private final String uri;
    private final Set<Feature> lacking;
    /** Names to delete after the test, newest first. */
    private final Deque<String> names = new ArrayDeque<>();

    TestBroker(String name, String uri, Set<Feature> lacking) {
        this.name = name;
        this.uri = uri;
        this.lacking = lacking;
    }

    /** The URI to connect to. */
    public String uri() {
        return uri;
    }

    /** The port that the URI names. */
    public int port() {
        return options().addresses().get(0).port();
    }

    /** Whether this broker is RabbitMQ, of any version. */
    public boolean isRabbit() {
        return name.startsWith("RabbitMQ");
    }

    /** Whether this broker lacks the feature. */
    public boolean lacks(Feature feature) {
        return lacking.contains(feature);
    }

    /** The options to connect with. */
    public ConnectionOptions options() {
        return ConnectionOptions.parse(uri);
    }

    /** A new connection. */
    public Connection connect() {
        return Connection.open(uri);
    }

    /** A name that no other test uses. A queue or exchange of this name is deleted after the test. */
    public String unique(String prefix) {
        return deleteAfterTest(prefix + "-" + UUID.randomUUID().toString().substring(0, 8));
    }

    /** Reserves a fixed name: a queue or exchange of this name is deleted now and after the test. */
    public String reserve(String fixed) {
        try (Connection connection = connect();
                Channel channel = connection.channel()) {
            delete(channel, fixed);
        }
        return deleteAfterTest(fixed);
    }

    private synchronized String deleteAfterTest(String entity) {
        names.push(entity);
        return entity;
    }

    /** Deletes the queues and exchanges of the test, newest first. */
    synchronized void cleanUp() {
        if (names.isEmpty()) {
            return;
        }
        try (Connection connection = connect();
                Channel channel = connection.channel()) {
            while (!names.isEmpty()) {
                delete(channel, names.pop());
            }
        }
    }

    /** Deletes both a queue and an exchange of this name. A broker may answer 404 for one that does not exist. */
    private static void delete(Channel channel, String entity) {
        channel.deleteQueueAsync(entity, false, false)
                .handle((count, absent) -> "")
                .join();
        channel.deleteExchangeAsync(entity, false)
                .handle((nothing, absent) -> "")
                .join();
    }

    /** The name of the broker in reports. */
    @Override
    public String toString() {
        return name;
    }
}
