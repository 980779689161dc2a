package dev.holdfast.codegen;

import java.nio.file.Path;

/** Path of the project's protocol file. */
final class ProtocolFile {
    static final Path PATH = Path.of("..", "protocol-spec", "amqp0-9-1.xml");

    private ProtocolFile() {}
}
