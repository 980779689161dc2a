package dev.holdfast.codegen;

import java.io.IOException;
import java.nio.file.Path;

/** Command line of the generator. It throws instead of exiting: the build runs it inside of Maven's own process. */
public final class Main {
    private Main() {}

    /**
     * Generates.
     *
     * @param args the protocol file and the folder for the Java sources
     * @throws dev.holdfast.codegen.spec.SpecException if the protocol file has mistakes
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "arguments: " + args.length + " (expected: PROTOCOL_FILE OUTPUT_FOLDER)");
        }
        Generator.generate(Path.of(args[0]), Path.of(args[1]));
    }
}
