package dev.holdfast.cli.perf;

import dev.holdfast.ConnectionOptions;
import dev.holdfast.testkit.DiscardingBroker;
import dev.holdfast.testkit.EmbeddedBroker;

/** The running broker or peer that a run measures against. */
sealed interface Peer extends AutoCloseable {
    ConnectionOptions options();

    String description();

    /** Returns the number of messages received since its start; -1 if unknown. */
    default long messagesReceived() {
        return -1;
    }

    @Override
    default void close() {}

    record Discarding(DiscardingBroker broker) implements Peer {
        @Override
        public ConnectionOptions options() {
            return ConnectionOptions.parse(broker.uri());
        }

        @Override
        public String description() {
            return "a discarding peer in a process of its own";
        }

        @Override
        public long messagesReceived() {
            return broker.messages();
        }

        @Override
        public void close() {
            broker.close();
        }
    }

    record Embedded(EmbeddedBroker broker) implements Peer {
        @Override
        public ConnectionOptions options() {
            return ConnectionOptions.parse(broker.uri());
        }

        @Override
        public String description() {
            return "Apache Qpid Broker-J in the same process";
        }

        @Override
        public void close() {
            broker.close();
        }
    }

    record External(ConnectionOptions options) implements Peer {
        @Override
        public String description() {
            return "the broker at "
                    + String.join(
                            ", ",
                            options.addresses().stream().map(String::valueOf).toList());
        }
    }
}
