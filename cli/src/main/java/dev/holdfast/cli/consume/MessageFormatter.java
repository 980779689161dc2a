package dev.holdfast.cli.consume;

import dev.holdfast.Delivery;
import java.io.IOException;

/** Makes the line that a message is printed as. */
@FunctionalInterface
interface MessageFormatter {
    /**
     * The line, without its line feed.
     *
     * @throws dev.holdfast.SerializationException if the body is not accepted or cannot be decoded
     * @throws IOException if the decoded body has no form in JSON
     */
    byte[] format(Delivery delivery) throws IOException;
}
