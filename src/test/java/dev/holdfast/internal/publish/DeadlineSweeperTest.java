package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.transport.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Time limits of attempts, by a clock that the test advances. */
class DeadlineSweeperTest {
    private static final PublishOptions ONCE = PublishOptions.to("", "q");
    private static final PublishOptions RETRYING = ONCE.retry();

    private final MockTicker wall = Ticker.newMockTicker();
    private final EmbeddedChannel embedded =
            EmbeddedChannel.builder().ticker(wall).build();
    private final Context context = new Context();
    private final OutboundLog log = new OutboundLog(
            embedded.eventLoop(),
            UnpooledByteBufAllocator.DEFAULT,
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {}

                @Override
                public void failed(Throwable cause) {
                    throw new AssertionError(cause);
                }
            },
            ConnectionEvents.withoutListener());
    private final Publisher publisher = new Publisher(
            PublisherResources.create(log, ConnectionOptions.defaults(), null),
            embedded.eventLoop(),
            ConnectionOptions.defaults(),
            context);

    private static final class Context implements PublishContext {
        private final List<AmqpException> replaced = new ArrayList<>();

        @Override
        public void requestLink() {}

        @Override
        public boolean isDeclared(List<Declarable> entities) {
            return true;
        }

        @Override
        public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void replaceChannel(AmqpException cause, long owedSince) {
            replaced.add(cause);
        }

        @Override
        public boolean notRouted(List<Declarable> entities) {
            return false;
        }

        @Override
        public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {}
    }

    /** A transport that takes everything. */
    private static final class Sink implements FrameWriter {
        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(ByteBuf frames) {
            frames.release();
        }

        @Override
        public void flush() {}
    }

    @BeforeEach
    void open() {
        log.open(new Sink());
        publisher.recovery().opened(1, 131_072, true);
        embedded.runPendingTasks();
    }

    @AfterEach
    void close() {
        publisher.close(new AmqpTimeoutException("closed"));
        log.lock();
        try {
            log.linkLost();
            log.discardUnsent();
        } finally {
            log.unlock();
        }
        log.close();
        embedded.close();
    }

    private CompletableFuture<Confirmation> publish(PublishOptions options) {
        PublishTemplate template = PublishTemplate.of("", "q", false, false, options.properties());
        CompletableFuture<Confirmation> future = publisher.publish(new byte[10], options, template);
        embedded.runPendingTasks();
        return future;
    }

    private void pass(Duration time) {
        wall.advance(time.toNanos(), TimeUnit.NANOSECONDS);
        embedded.runPendingTasks();
        embedded.checkException();
    }

    @Test
    void timerFiresOnceASecondAtMostWhileTheClockStandsStill() {
        CompletableFuture<Confirmation> publish = publish(RETRYING);
        pass(Duration.ofMillis(29_999));
        log.silence().block("alarm");
        for (int i = 0; i < 60; i++) {
            pass(Duration.ofSeconds(1));
            assertThat(embedded.runScheduledPendingTasks())
                    .as("until the next timer")
                    .isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1) / 2);
        }
        assertThat(context.replaced).isEmpty();
        log.silence().block(null);
        pass(Duration.ofSeconds(1));
        assertThat(context.replaced).hasSize(1);
        assertThat(publish).isNotDone();
    }

    @Test
    void stalledMessageSetsNoTimer() {
        CompletableFuture<Confirmation> late = publish(RETRYING.confirmTimeout(Duration.ofSeconds(1)));
        CompletableFuture<Confirmation> once = publish(ONCE);
        pass(Duration.ofSeconds(1));
        assertThat(embedded.runScheduledPendingTasks())
                .as("until the next timer")
                .isGreaterThan(TimeUnit.SECONDS.toNanos(28));
        assertThat(context.replaced).isEmpty();
        pass(Duration.ofSeconds(29));
        assertThat(once).isCompletedExceptionally();
        assertThat(context.replaced).hasSize(1);
        assertThat(late).isNotDone();
    }

    /** The late message fails by its own limit: that is no answer. */
    @Test
    void stallLastsUntilAnAnswer() {
        CompletableFuture<Confirmation> late =
                publish(RETRYING.confirmTimeout(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(2)));
        CompletableFuture<Confirmation> once = publish(ONCE);
        pass(Duration.ofSeconds(1));
        CompletableFuture<Confirmation> unsent = publish(RETRYING);
        pass(Duration.ofSeconds(1));
        assertThat(late).isCompletedExceptionally();
        CompletableFuture<Confirmation> steady = publish(ONCE);
        assertThat(publisher.state.window.unsent()).isEqualTo(2);
        publisher.confirms().acked(2, false);
        publisher.confirms().flushAcks();
        pass(Duration.ofSeconds(1));
        assertThat(once).isCompleted();
        assertThat(publisher.state.window.unsent()).isEqualTo(4);
        assertThat(context.replaced).isEmpty();
        assertThat(unsent).isNotDone();
        assertThat(steady).isNotDone();
    }

    @Test
    void stalledChannelWhoseLateMessageFailedIsReplacedDespiteNewMessages() {
        CompletableFuture<Confirmation> late =
                publish(RETRYING.confirmTimeout(Duration.ofSeconds(1)).timeout(Duration.ofSeconds(2)));
        CompletableFuture<Confirmation> once = publish(ONCE.confirmTimeout(Duration.ofSeconds(5)));
        for (int second = 1; second <= 5; second++) {
            pass(Duration.ofSeconds(1));
            CompletableFuture<Confirmation> unusedPublish = publish(ONCE);
        }
        assertThat(late).isCompletedExceptionally();
        assertThat(once).isCompletedExceptionally();
        assertThat(context.replaced).hasSize(1);
    }

    @Test
    void confirmsAreReadBeforeAnAttemptFailsIfTheProcessWasStopped() {
        CompletableFuture<Confirmation> once = publish(ONCE);
        CompletableFuture<Confirmation> limited = publish(ONCE.timeout(Duration.ofSeconds(40)));
        pass(Duration.ofSeconds(60));
        assertThat(limited).as("its own time limit").isCompletedExceptionally();
        assertThat(once).isNotDone();
        pass(Duration.ofMillis(10));
        assertThat(once).isCompletedExceptionally();
    }
}
