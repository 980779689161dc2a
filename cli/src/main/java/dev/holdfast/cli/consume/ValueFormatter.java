package dev.holdfast.cli.consume;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.Delivery;
import dev.holdfast.serialization.Accept;
import java.io.IOException;

/** Formats the decoded body: text and bytes unchanged, any other value as JSON. */
final class ValueFormatter implements MessageFormatter {
    private final BodyReader bodyReader;
    private final Accept accept;

    ValueFormatter(BodyReader bodyReader, Accept accept) {
        this.bodyReader = bodyReader;
        this.accept = accept;
    }

    @Override
    public byte[] format(Delivery delivery) throws IOException {
        Object value = bodyReader.decode(delivery, accept);
        if (bodyReader.isTextOrBytes(delivery)) {
            return value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(UTF_8);
        }
        return JsonLine.of(json -> JsonLine.write(json, value));
    }
}
