package dev.holdfast.cli.common;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.AmqpException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Turns exceptions into one line on standard error and an exit code. Only unexpected exceptions print a stack trace.
 */
public final class ErrorHandler implements IParameterExceptionHandler, IExecutionExceptionHandler {
    public static final int EXIT_FAILURE = 1;
    static final int EXIT_USAGE = 2;

    private final Streams streams;

    public ErrorHandler(Streams streams) {
        this.streams = streams;
    }

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        streams.printError(oneLine(String.valueOf(e.getMessage())));
        streams.err().println("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return EXIT_USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine commandLine, ParseResult parsed) {
        if (isExpected(e)) {
            streams.printError(describe(e));
        } else {
            streams.printError("internal error: " + e);
            e.printStackTrace(streams.err());
        }
        return EXIT_FAILURE;
    }

    private static boolean isExpected(Exception e) {
        return e instanceof AmqpException
                || e instanceof IOException
                || e instanceof UncheckedIOException
                || (e instanceof IllegalStateException && e.getMessage() != null);
    }

    /** Returns the message of an exception, and of its cause unless it is an AmqpException, as one line. */
    public static String describe(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "file: " + oneLine(message) + " (expected: a readable file)";
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof JsonProcessingException json) {
                return oneLine(withoutWordsOfJackson(message, json));
            }
            if (cause instanceof ClassCastException) {
                return oneLine(message.replace(String.valueOf(cause.getMessage()), JsonErrors.UNEXPECTED_TYPE));
            }
        }
        Throwable cause = e instanceof AmqpException ? null : e.getCause();
        String reason = cause == null ? null : cause.getMessage();
        return oneLine(reason == null || message.contains(reason) ? message : message + ": " + reason);
    }

    private static String withoutWordsOfJackson(String message, JsonProcessingException json) {
        String words = JsonErrors.describe(json);
        return message.replace(String.valueOf(json.getMessage()), words)
                .replace(String.valueOf(json.getOriginalMessage()), words);
    }

    public static String oneLine(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }
}
