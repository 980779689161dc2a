package dev.holdfast.cli;

import dev.holdfast.Delivery;
import java.io.IOException;
import java.io.OutputStream;

/** Prints a message and a line feed. */
@FunctionalInterface
interface MessagePrinter {
    /** The body as it is. */
    MessagePrinter BYTES = (delivery, out) -> {
        out.write(delivery.body());
        out.write('\n');
    };

    void print(Delivery delivery, OutputStream out) throws IOException;
}
