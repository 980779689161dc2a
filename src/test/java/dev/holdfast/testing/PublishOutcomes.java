package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.Confirmation;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits for the outcomes of asynchronous publishes, each at most 60 s. */
public final class PublishOutcomes {
    private static final long LIMIT_SECONDS = 60;

    private PublishOutcomes() {}

    /** Asserts that every publish is confirmed after its first attempt. */
    public static void assertConfirmed(Collection<CompletableFuture<Confirmation>> publishes) throws Exception {
        for (CompletableFuture<Confirmation> publish : publishes) {
            assertThat(publish.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(Confirmation.ONE);
        }
    }

    /** The exception that the publish failed with; null if it is confirmed. */
    public static @Nullable Throwable failure(CompletableFuture<Confirmation> publish) {
        Throwable thrown = catchThrowable(() -> publish.get(LIMIT_SECONDS, TimeUnit.SECONDS));
        if (thrown == null) {
            return null;
        }
        assertThat(thrown).as("an outcome within %s s", LIMIT_SECONDS).isInstanceOf(ExecutionException.class);
        return thrown.getCause();
    }
}
