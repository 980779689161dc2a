package dev.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** Waits for futures on behalf of blocking methods and throws failures that show the caller's stack. */
final class BlockingCalls {
    private BlockingCalls() {}

    /** Throws if the caller is on the I/O thread: waiting there would block the reply that is awaited. */
    static void refuseOn(boolean inEventLoop, String call, String instead) {
        if (inEventLoop) {
            throw new IllegalStateException(
                    call + " waits and was called on the connection's I/O thread (expected: another thread, or "
                            + instead + ")");
        }
    }

    /** Waits for the result of a call. The session enforces the deadline of the call, so the wait has none. */
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

    /**
     * Waits for the result of a call, and passes a result that arrives after an interrupt of the caller to a cleanup.
     */
    static <T> T forReply(CompletableFuture<T> future, String call, Consumer<T> cleanup) {
        try {
            return forReply(future.copy(), call);
        } catch (AmqpTimeoutException e) {
            CompletableFuture<Void> unused = future.thenAccept(cleanup);
            throw e;
        }
    }

    /**
     * Returns the exception that a blocking call throws for a failed future. Each caller gets an {@link AmqpException}
     * of its own, with its stack trace. Any other exception keeps its stack trace, which may be that of user code, and
     * has the stack of the caller as a suppressed exception.
     */
    static RuntimeException callerException(Throwable thrown) {
        RuntimeException failure = unwrap(thrown);
        if (failure instanceof AmqpException shared) {
            return shared.forCaller();
        }
        failure.addSuppressed(new Throwable("stack of the caller"));
        return failure;
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
