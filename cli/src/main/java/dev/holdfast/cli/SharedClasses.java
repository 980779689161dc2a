package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.testkit.EmbeddedBroker;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Runs the common commands, with an embedded broker and without output, so that the JVM can list the classes that
 * they load. The launcher makes its archive of shared classes from the list.
 */
final class SharedClasses {
    private SharedClasses() {}

    public static void main(String[] args) {
        run("--version");
        run("publish --help");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            run("declare --queue q --uri " + broker.uri());
            run("inspect --queue q --uri " + broker.uri());
            run("publish --json --queue q --uri " + broker.uri());
            run("publish --serializer text --queue q --uri " + broker.uri());
            run("consume --count 1 --queue q --uri " + broker.uri());
            run("consume --count 1 --json --queue q --uri " + broker.uri());
        }
        System.exit(0);
    }

    private static void run(String command) {
        OutputStream none = OutputStream.nullOutputStream();
        Streams streams = new Streams(
                new ByteArrayInputStream("{\"a\":1}\n".getBytes(UTF_8)),
                none,
                new PrintStream(none, false, UTF_8),
                false);
        int unused = Main.run(streams, StopRequest.manual(), command.split(" "));
    }
}
