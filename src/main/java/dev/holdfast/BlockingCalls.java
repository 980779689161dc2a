package dev.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Waiting for a future, with the caller's stack in whatever is thrown. */
final class BlockingCalls {
    private BlockingCalls() {}

    /** Refuses to wait on the thread that would have to do the work. */
    static void refuseOn(boolean eventLoop, String call, String instead) {
        if (eventLoop) {
            throw new IllegalStateException(
                    call + " waits and was called on the connection's I/O thread (expected: another thread, or "
                            + instead + ")");
        }
    }

    /** The result of a call whose deadline is kept by the session. */
    static <T> T forReply(CompletableFuture<T> future, String call) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            boolean unused = future.cancel(false);
            throw new AmqpTimeoutException("interrupted while waiting for the reply to " + call);
        } catch (ExecutionException e) {
            throw callerException(e);
        }
    }

    /** The same; what comes when its caller does not wait any more is dealt with. */
    static <T> T forReply(CompletableFuture<T> future, String call, Consumer<T> late) {
        try {
            return forReply(future.copy(), call);
        } catch (AmqpTimeoutException e) {
            CompletableFuture<Void> unused = future.thenAccept(late);
            throw e;
        }
    }

    /**
     * Returns the exception that a blocking call throws for a failed future. Each caller gets an {@link AmqpException} of
     * its own, with its stack trace; any other exception is returned as it is.
     */
    static RuntimeException callerException(Throwable thrown) {
        RuntimeException failure = unwrap(thrown);
        return failure instanceof AmqpException shared ? shared.forCaller() : failure;
    }

    /** Returns the exception that a future failed with, without the JDK's wrappers. Throws it if it is an error. */
    static RuntimeException unwrap(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof RuntimeException failure) {
            return failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(cause);
    }
}
