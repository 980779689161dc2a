package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import java.io.IOException;

/** Formats a message as a line of output. */
@FunctionalInterface
interface MessageFormatter {
    /**
     * Returns the line, without its line feed.
     *
     * @throws dev.holdfast.SerializationException if the body is not accepted or cannot be decoded
     * @throws IOException if the decoded body cannot be written as JSON
     */
    byte[] format(Delivery delivery) throws IOException;
}
