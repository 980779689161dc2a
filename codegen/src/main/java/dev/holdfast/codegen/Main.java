package dev.holdfast.codegen;

import java.io.IOException;
import java.nio.file.Path;

/** Command line of the generator. Throws instead of exiting, because the build runs it inside the Maven process. */
public final class Main {
    private Main() {}

    /**
     * Runs the generator.
     *
     * @param args the protocol file and the output folder of the Java sources
     * @throws dev.holdfast.codegen.spec.SpecException if the protocol file has errors
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "arguments: " + args.length + " (expected: PROTOCOL_FILE OUTPUT_FOLDER)");
        }
        Generator.generate(Path.of(args[0]), Path.of(args[1]));
    }
}
