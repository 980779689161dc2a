package dev.holdfast.testkit;

/** A running discarding broker, in this JVM or in a child JVM. */
interface DiscardingPeer extends AutoCloseable {
    int port();

    long messages();

    long bytes();

    @Override
    void close();
}
