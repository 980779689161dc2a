package dev.holdfast.cli.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.Delivery;
import dev.holdfast.serialization.Accept;
import java.io.IOException;

/** Prints the decoded body: text and bytes as they are, all else as JSON. */
final class ValueFormatter implements MessageFormatter {
    private final BodyReader bodies;
    private final Accept accept;

    ValueFormatter(BodyReader bodies, Accept accept) {
        this.bodies = bodies;
        this.accept = accept;
    }

    @Override
    public byte[] line(Delivery delivery) throws IOException {
        Object value = bodies.value(delivery, accept);
        if (bodies.isPlain(delivery)) {
            return value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(UTF_8);
        }
        return JsonLine.of(json -> JsonLine.write(json, value));
    }
}
