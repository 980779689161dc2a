package dev.holdfast.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WakeableDelaysTest {
    private static final long NOTHING_SCHEDULED = -1;

    private final EmbeddedChannel embedded = new EmbeddedChannel();
    private final WakeableDelays delays = new WakeableDelays();

    @Test
    void completingTheFutureCancelsItsTimer() {
        CompletableFuture<Void> over = new CompletableFuture<>();
        delays.start(embedded.eventLoop(), Duration.ofHours(1), over);
        assertThat(embedded.runScheduledPendingTasks()).isNotEqualTo(NOTHING_SCHEDULED);
        over.complete(null);
        embedded.runPendingTasks();
        assertThat(embedded.runScheduledPendingTasks()).isEqualTo(NOTHING_SCHEDULED);
    }

    @Test
    void wakeAllCompletesAllDelays() {
        CompletableFuture<Void> first = new CompletableFuture<>();
        CompletableFuture<Void> second = new CompletableFuture<>();
        delays.start(embedded.eventLoop(), Duration.ofHours(1), first);
        delays.start(embedded.eventLoop(), Duration.ofHours(1), second);
        delays.wakeAll();
        assertThat(first).isDone();
        assertThat(second).isDone();
    }
}
