package dev.holdfast.testkit;

/** Where a discarding broker lives: in this JVM or in one of its own. */
interface DiscardingPeer extends AutoCloseable {
    int port();

    long messages();

    long bytes();

    @Override
    void close();
}
