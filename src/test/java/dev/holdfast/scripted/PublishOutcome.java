package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.Confirmation;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Awaits the outcome of a publish with a deadline. */
final class PublishOutcome {
    private static final long PATIENCE_SECONDS = 10;

    private PublishOutcome() {}

    static Confirmation confirmed(CompletableFuture<Confirmation> publish) throws Exception {
        return publish.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static void allConfirmed(List<CompletableFuture<Confirmation>> publishes) throws Exception {
        for (CompletableFuture<Confirmation> publish : publishes) {
            confirmed(publish);
        }
    }

    static Throwable failure(CompletableFuture<Confirmation> publish) {
        Throwable thrown = catchThrowable(() -> publish.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertThat(thrown).isInstanceOf(ExecutionException.class).isNotInstanceOf(TimeoutException.class);
        return thrown.getCause();
    }

    /** Expects a PublishException with this delivery status. */
    static PublishException failed(CompletableFuture<Confirmation> publish, DeliveryStatus delivery) {
        Throwable failure = failure(publish);
        assertThat(failure).isInstanceOf(PublishException.class);
        PublishException exception = (PublishException) failure;
        assertThat(exception.delivery())
                .as(String.valueOf(exception.getMessage()))
                .isEqualTo(delivery);
        return exception;
    }
}
