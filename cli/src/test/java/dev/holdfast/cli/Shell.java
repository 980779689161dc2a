package dev.holdfast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.Streams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;

/** Runs a command in this process and captures exit code and output. */
final class Shell {
    private Shell() {}

    /** The exit code and the output of a command. */
    static final class Result {
        private final int exitCode;
        private final byte[] out;
        private final String err;

        Result(int exitCode, byte[] out, String err) {
            this.exitCode = exitCode;
            this.out = out;
            this.err = err;
        }

        int exitCode() {
            return exitCode;
        }

        byte[] out() {
            return out;
        }

        String err() {
            return err;
        }

        String text() {
            return new String(out, UTF_8);
        }
    }

    static Result run(String... args) {
        return run(new byte[0], args);
    }

    static Result run(byte[] input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(input, out, args);
    }

    static Result run(byte[] input, OutputStream out, String... args) {
        return run(new ByteArrayInputStream(input), out, args);
    }

    static Result run(InputStream in, OutputStream out, String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = new Streams(in, out, new PrintStream(err, true, UTF_8), false);
        int exitCode = Main.run(streams, StopRequest.manual(), args);
        byte[] printed = out instanceof ByteArrayOutputStream bytes ? bytes.toByteArray() : new byte[0];
        return new Result(exitCode, printed, err.toString(UTF_8));
    }
}
