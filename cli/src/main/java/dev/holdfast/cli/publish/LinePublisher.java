package dev.holdfast.cli.publish;

import dev.holdfast.Connection;
import dev.holdfast.DecodeException;
import dev.holdfast.PublishOptions;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.FailureLog;
import dev.holdfast.cli.common.Progress;
import dev.holdfast.cli.common.StopSignal;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the lines of a source: {@link #run} on the thread of a worker, {@link #stop} on another one. Only {@link
 * #run} reads lines.
 */
final class LinePublisher {
    /** How long a stop waits for outstanding confirms. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** How long a stop waits for the outcomes that a close without waiting gives. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    private final Streams streams;
    private final FailureLog failures;
    private final LineReader source;
    private final BodyFormat format;
    private @Nullable Run current;
    private boolean stopped;

    /**
     * The summary of all lines.
     *
     * @param complete whether every line of the source was read and tried
     */
    record Result(PublishSummary summary, boolean complete) {}

    /** What a stop needs of a run that has connected. */
    private record Run(Connection connection, CountingPublisher publisher, Progress progress) {}

    LinePublisher(Streams streams, FailureLog failures, LineReader source, BodyFormat format) {
        this.streams = streams;
        this.failures = failures;
        this.source = source;
        this.format = format;
    }

    /** Publishes all lines, and returns when each has its outcome. */
    Result run(Supplier<Connection> connect, PublishOptions options) throws InterruptedException {
        try (Connection connection = connect.get();
                Progress progress = Progress.bytes(streams, "publish", source.size())) {
            CountingPublisher publisher = new CountingPublisher(connection, options, failures, "line");
            if (!begin(new Run(connection, publisher, progress))) {
                return new Result(PublishSummary.NONE, false);
            }
            String reason = publishAll(publisher, progress);
            PublishSummary summary = publisher.await();
            if (reason != null) {
                streams.printError(reason + "; " + confirmed(summary));
            }
            return new Result(summary, reason == null);
        }
    }

    /** Returns false if a stop came before. */
    private synchronized boolean begin(Run run) {
        current = run;
        return !stopped;
    }

    private synchronized @Nullable Run beginStop() {
        stopped = true;
        return current;
    }

    /** Returns why lines are left; null if none are. */
    private @Nullable String publishAll(CountingPublisher publisher, Progress progress) {
        BodyFormat.LineValidator validator = format.validator();
        while (true) {
            byte[] line;
            try {
                line = source.readLine();
            } catch (IOException e) {
                return "line " + (source.lineNumber() + 1) + ": cannot be read: " + ErrorHandler.describe(e);
            }
            if (line == null || publisher.ended()) {
                return null;
            }
            if (publisher.fatalError() != null) {
                return "stopped before line " + source.lineNumber()
                        + ": the remaining lines would fail with the same error";
            }
            publish(publisher, validator, line);
            progress.update(source.bytesRead());
        }
    }

    private void publish(CountingPublisher publisher, BodyFormat.LineValidator validator, byte[] input) {
        long number = source.lineNumber();
        byte[] line = format.withoutByteOrderMark(input, number == 1);
        String error = validator.validate(line);
        Object body = line;
        if (error == null) {
            try {
                body = format.toBody(line);
            } catch (DecodeException e) {
                error = ErrorHandler.describe(e);
            }
        }
        if (error == null) {
            publisher.send(body, number);
        } else {
            publisher.reject(number, error);
        }
    }

    /**
     * Ends reading and waits shortly for outstanding confirms. Messages that have none by then get their outcome by a
     * close of the connection: not sent, or unknown.
     */
    PublishSummary stop(StopSignal signal, Worker<?> worker) throws InterruptedException {
        Run run = beginStop();
        if (run == null) {
            worker.interrupt();
            streams.printError("stopped by " + signal + " before the connection was open; nothing was published");
            return PublishSummary.NONE;
        }
        CountingPublisher publisher = run.publisher();
        publisher.end();
        run.progress().close();
        worker.interrupt(); // it may wait for room
        long pending = publisher.pending();
        if (pending > 0) {
            streams.printError(signal + ": waiting up to " + GRACE.toSeconds() + " s for " + pending
                    + " outstanding confirms; a second signal ends at once");
        }
        if (!publisher.await(GRACE)) {
            run.connection().close(Duration.ZERO);
            boolean unused = publisher.await(CLOSE_LIMIT);
        }
        PublishSummary summary = publisher.summary();
        streams.printError("stopped by " + signal + " after line " + summary.read() + "; " + confirmed(summary));
        return summary;
    }

    private static String confirmed(PublishSummary summary) {
        return summary.confirmedUpTo() == 0
                ? "line 1 is not confirmed"
                : "all lines up to line " + summary.confirmedUpTo() + " are confirmed";
    }
}
