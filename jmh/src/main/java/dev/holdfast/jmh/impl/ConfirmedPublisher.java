package dev.holdfast.jmh.impl;

import java.io.IOException;

/** A connection that publishes with confirms and a bounded window, holding a future for every message. Used by one thread. */
public interface ConfirmedPublisher extends AutoCloseable {
    /** Publishes to an exchange and routing key that never change, persistent; waits while the window is full. */
    void publish(byte[] body) throws Exception;

    /** Waits until everything published has been confirmed. */
    void await() throws Exception;

    @Override
    void close() throws IOException;
}
