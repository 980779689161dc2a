package dev.holdfast.testing;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.UUID;

/** A broker that runs, shared by all tests of the run: each keeps to names of its own, which are deleted after it. */
public final class TestBroker {
    private final String name;
    private final String uri;
    private final Set<Feature> lacking;
    private final Deque<String> names = new ArrayDeque<>();

    TestBroker(String name, String uri, Set<Feature> lacking) {
        this.name = name;
        this.uri = uri;
        this.lacking = lacking;
    }

    /** Where it can be reached. */
    public String uri() {
        return uri;
    }

    /** Whether tests must do without this on this broker. */
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

    /** A name that nobody else uses, for a queue or an exchange; what has it is deleted after the test. */
    public String unique(String prefix) {
        return owned(prefix + "-" + UUID.randomUUID().toString().substring(0, 8));
    }

    /** A name that the test cannot choose: whatever has it is deleted now, and again after the test. */
    public String claim(String fixed) {
        try (Connection connection = connect();
                Channel channel = connection.channel()) {
            delete(channel, fixed);
        }
        return owned(fixed);
    }

    private synchronized String owned(String owned) {
        names.push(owned);
        return owned;
    }

    /** Deletes what the test had, youngest first. */
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

    /** Of what is not there a broker may complain or not. */
    private static void delete(Channel channel, String owned) {
        channel.deleteQueueAsync(owned, false, false)
                .handle((count, absent) -> "")
                .join();
        channel.deleteExchangeAsync(owned, false)
                .handle((nothing, absent) -> "")
                .join();
    }

    /** The broker's name, as it stands in reports. */
    @Override
    public String toString() {
        return name;
    }
}
