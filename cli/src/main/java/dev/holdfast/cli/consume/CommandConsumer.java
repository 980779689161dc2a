package dev.holdfast.cli.consume;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.ContentDisallowedException;
import dev.holdfast.Delivery;
import dev.holdfast.SerializationException;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.FailureLog;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command for each message of a queue and settles the message by its exit code: 0 acknowledges it, another
 * rejects or requeues it. The prefetch is the number of commands that run at a time, so that other consumers get the
 * messages that wait.
 *
 * <p>One thread calls {@link #run}. The other methods may be called by another one.
 */
final class CommandConsumer {
    /** The exit codes by which a shell tells that it could not start a command. */
    private static final int NOT_EXECUTABLE = 126;

    private static final int NOT_FOUND = 127;

    /** The exit code of a command that SIGPIPE ended, as it ends all later ones: nothing reads what they print. */
    private static final int BROKEN_PIPE = 141;

    /** The exit codes of a command that SIGHUP, SIGINT or SIGTERM ended. */
    private static final Set<Integer> INTERRUPTED = Set.of(129, 130, 143);

    private final Connection connection;
    private final Channel channel;
    private final ExecOptions options;
    private final MessageFormatter formatter;
    private final FailureLog failures;
    private final DeliveryQueue deliveries = new DeliveryQueue();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<@Nullable String> endError = new AtomicReference<>();
    private volatile @Nullable String cancelReason;

    CommandConsumer(Connection connection, ExecOptions options, MessageFormatter formatter, FailureLog failures) {
        this.connection = connection;
        this.channel = connection.channel();
        this.options = options;
        this.formatter = formatter;
        this.failures = failures;
    }

    /** Returns why the consumer was cancelled during {@link #run}; null if it was not. */
    @Nullable
    String cancelReason() {
        return cancelReason;
    }

    /** Returns the error that ended {@link #run}, such as a command that cannot be started; null if there was none. */
    @Nullable
    String endError() {
        return endError.get();
    }

    /** Returns the number of messages whose acknowledgement was sent. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Returns the number of messages that were rejected or requeued since their command failed. */
    long failed() {
        return failed.get();
    }

    /** Ends {@link #run} before the next message, and once the running commands have ended. */
    void end() {
        deliveries.end();
    }

    /**
     * Consumes until {@code maxMessages} commands have run, no message arrives within the idle timeout, the broker
     * cancels the consumer, an error occurs that every message would meet, or {@link #end} is called.
     *
     * @param idleTimeout null to wait without limit
     */
    void run(String queue, long maxMessages, @Nullable Duration idleTimeout) throws InterruptedException {
        String tag = channel.consume(queue, o -> o.prefetch(options.parallel()), deliveries);
        ExecutorService commands = Executors.newFixedThreadPool(options.parallel());
        try {
            Semaphore free = new Semaphore(options.parallel());
            for (long n = 0; n < maxMessages; n++) {
                free.acquire();
                Delivery next = deliveries.await(idleTimeout);
                if (next == null) {
                    cancelReason = deliveries.cancelReason(); // not later: a close of the connection also cancels
                    break;
                }
                commands.execute(() -> {
                    try {
                        handle(queue, next);
                    } finally {
                        free.release();
                    }
                });
            }
        } finally {
            commands.shutdown();
            boolean unused = commands.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
        if (cancelReason == null && connection.isOpen()) {
            channel.cancel(tag);
            List<Delivery> unhandled = new ArrayList<>();
            deliveries.drainTo(unhandled, Integer.MAX_VALUE);
            unhandled.forEach(this::giveBack);
        }
    }

    private void handle(String queue, Delivery delivery) {
        try {
            int exitCode = execute(queue, delivery);
            if (exitCode == 0) {
                if (settle(() -> channel.ack(delivery))) {
                    acknowledged.incrementAndGet();
                }
            } else if (exitCode == NOT_EXECUTABLE || exitCode == NOT_FOUND) {
                endRun(delivery, notStarted("exit code " + exitCode + " of sh"));
            } else if (exitCode == BROKEN_PIPE) {
                endRun(delivery, options.command() + ": exit code 141, SIGPIPE: the reader of its output has ended");
            } else {
                fail(delivery, "exit code " + exitCode, INTERRUPTED.contains(exitCode));
            }
        } catch (ContentDisallowedException | SerializerNotInstalledException e) {
            // Options or a library that is absent are at fault, not the message: all like it would be lost.
            endRun(delivery, UndecodedMessages.label(delivery) + ": " + ErrorHandler.describe(e));
        } catch (SerializationException | FormatException e) {
            fail(delivery, ErrorHandler.describe(e), false);
        } catch (IOException e) {
            endRun(delivery, notStarted(ErrorHandler.describe(e)));
        } catch (RuntimeException | Error e) {
            endRun(delivery, UndecodedMessages.label(delivery) + ": internal error: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // not settled: the broker requeues it when the connection ends
        }
    }

    /** A message that cannot be given to the command. */
    private static final class FormatException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FormatException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private int execute(String queue, Delivery delivery) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", options.command())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        byte[] input;
        try {
            input = formatter.format(delivery);
            MessageEnvironment.set(builder.environment(), queue, delivery);
        } catch (IOException e) {
            throw new FormatException(e);
        }
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // The command ended, or closed its standard input, without reading all. Its exit code counts.
        }
        return process.waitFor();
    }

    /**
     * Rejects or requeues a message. It is returned if the command was interrupted, and after {@link #end}: Ctrl-C in a
     * terminal ends the command, perhaps first. RabbitMQ counts basic.reject for the delivery limit of a quorum queue;
     * 4.3 does not count basic.nack.
     */
    private void fail(Delivery delivery, String reason, boolean interrupted) {
        boolean returned = interrupted || deliveries.ended();
        boolean requeue = options.requeue() || returned;
        failed.incrementAndGet();
        boolean sent = returned ? giveBack(delivery) : settle(() -> channel.reject(delivery, requeue));
        String outcome = sent ? (requeue ? "requeued" : "rejected") : "delivered again, since the link was lost";
        failures.report(UndecodedMessages.label(delivery), reason + ": " + outcome);
    }

    private String notStarted(String reason) {
        return options.command() + ": cannot be started: " + reason;
    }

    /** Ends {@link #run} with an error that other messages would also meet. The message returns to the queue. */
    private void endRun(Delivery delivery, String error) {
        boolean unused = endError.compareAndSet(null, error);
        deliveries.end();
        unused = giveBack(delivery);
    }

    private boolean giveBack(Delivery delivery) {
        return settle(() -> channel.nack(delivery, true));
    }

    /** Returns false if the link of the delivery is lost: the broker redelivers unacknowledged messages. */
    private static boolean settle(Runnable method) {
        try {
            method.run();
            return true;
        } catch (AmqpChannelException e) {
            return false;
        }
    }
}
