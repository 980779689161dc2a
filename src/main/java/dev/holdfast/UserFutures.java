package dev.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Makes the futures that users hold from those that the I/O thread completes. Blocking calls wait for the latter
 * directly: the user's executor may be busy with the callback that waits.
 */
final class UserFutures {
    private UserFutures() {}

    /**
     * Returns a future with the same outcome, which completes on {@link ConnectionOptions#completionExecutor()}, or on
     * the I/O thread if none is set or if the executor throws. An {@link AmqpException} is copied.
     */
    static <T> CompletableFuture<T> of(CompletableFuture<T> call, ConnectionOptions options) {
        Executor executor = options.completionExecutor();
        CompletableFuture<T> result = new CompletableFuture<>();
        call.whenComplete((value, error) -> {
            if (executor == null) {
                complete(result, value, error);
                return;
            }
            try {
                executor.execute(() -> complete(result, value, error));
            } catch (RuntimeException | Error e) {
                complete(result, value, error); // shut down, or unable to start a thread
            }
        });
        return result;
    }

    private static <T> void complete(CompletableFuture<T> result, T value, @Nullable Throwable error) {
        if (error == null) {
            result.complete(value);
        } else {
            result.completeExceptionally(ownException(error));
        }
    }

    private static Throwable ownException(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        try {
            return cause instanceof AmqpException shared ? shared.forCaller() : cause;
        } catch (Error e) {
            return cause; // no memory for a copy
        }
    }
}
