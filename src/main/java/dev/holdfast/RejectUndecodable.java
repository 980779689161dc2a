package dev.holdfast;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The default of {@link Consumer#onDecodeError}: rejects each message, and logs a warning for the first and at most one
 * a minute for all others. A message stays unacknowledged if the library of its format is absent: the message is not at
 * fault, and all messages of the format would be lost. Called for one message at a time.
 */
final class RejectUndecodable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast");
    private static final long NANOS_BETWEEN_WARNINGS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier nanoTime;
    private final AtomicLong unreported = new AtomicLong();
    private long lastWarning;
    private boolean warned;

    RejectUndecodable(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void failed(Message message, SerializationException error) {
        boolean keep = error.getCause() instanceof LinkageError;
        long now = nanoTime.getAsLong();
        long others = unreported.getAndIncrement();
        if (!warned || now - lastWarning >= NANOS_BETWEEN_WARNINGS) {
            warned = true;
            lastWarning = now;
            unreported.set(0);
            warn(
                    "message cannot be decoded and "
                            + (keep
                                    ? "stays unacknowledged, since a library is absent: "
                                    : "is rejected (the broker dead-letters it, or drops it if its queue has no"
                                            + " dead-letter exchange; Consumer.onDecodeError decides otherwise): ")
                            + message
                            + (others == 0 ? "" : "; " + others + " more since the last warning"),
                    error);
        }
        if (!keep) {
            reject(message);
        }
    }

    private static void reject(Message message) {
        try {
            message.reject();
        } catch (AmqpChannelException e) {
            LOG.log(System.Logger.Level.DEBUG, "message is delivered again: " + message, e);
        }
    }

    /** Logs how many messages were not logged, when their consumer ends. */
    void end() {
        long others = unreported.getAndSet(0);
        if (others > 0) {
            warn(others + " more messages could not be decoded since the last warning", null);
        }
    }

    private static void warn(String message, @Nullable Throwable error) {
        LOG.log(System.Logger.Level.WARNING, message, error);
    }
}
