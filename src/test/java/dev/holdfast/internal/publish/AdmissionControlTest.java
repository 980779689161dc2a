package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishException;
import dev.holdfast.PublishException.DeliveryStatus;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import dev.holdfast.RetryPolicy;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.transport.FrameWriter;
import dev.holdfast.testing.Await;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A publisher whose bytes go nowhere, and whose allocator, transport and executor the test controls. */
class AdmissionControlTest {
    private static final int MIB = 1 << 20;
    private static final PublishOptions OPTIONS = PublishOptions.to("", "q").timeout(Duration.ofSeconds(20));
    private static final PublishOptions RETRY = PublishOptions.to("", "q")
            .retry(RetryPolicy.linear(Duration.ofMillis(1), Duration.ZERO, Duration.ofMillis(1))
                    .maxRetries(3));
    private static final PublishTemplate TEMPLATE =
            PublishTemplate.of("", "q", false, false, MessageProperties.EMPTY.deliveryMode(2));

    private final EventLoop loop = new DefaultEventLoop();
    private final HookedAllocator allocator = new HookedAllocator();
    private final RecordingWriter writer = new RecordingWriter();
    private final OutboundLog log = new OutboundLog(
            loop,
            allocator,
            new OutboundLog.DrainListener() {
                @Override
                public void drained() {}

                @Override
                public void failed(Throwable cause) {
                    throw new AssertionError("drain", cause);
                }
            },
            ConnectionEvents.withoutListener());
    private final Context context = new Context();
    private Publisher publisher;

    /** Runs a hook before each allocation of more than a segment. */
    private static final class HookedAllocator extends AbstractByteBufAllocator {
        private final UnpooledByteBufAllocator unpooled = new UnpooledByteBufAllocator(true, true);
        private final AtomicInteger largeAllocations = new AtomicInteger();
        private volatile Runnable beforeLarge = () -> {};

        @Override
        protected ByteBuf newHeapBuffer(int capacity, int maxCapacity) {
            return unpooled.heapBuffer(capacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int capacity, int maxCapacity) {
            if (capacity > 100_000) {
                largeAllocations.incrementAndGet();
                beforeLarge.run();
            }
            return unpooled.directBuffer(capacity, maxCapacity);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }

        void failOnce() {
            beforeLarge = () -> {
                beforeLarge = () -> {};
                throw new OutOfMemoryError("Cannot reserve direct buffer memory");
            };
        }
    }

    private static final class RecordingWriter implements FrameWriter {
        private final ByteBuf written = Unpooled.buffer();
        private volatile boolean writable = true;
        private volatile boolean records;
        private final AtomicInteger bytes = new AtomicInteger();

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void write(ByteBuf frames) {
            if (records) {
                written.writeBytes(frames, frames.readerIndex(), frames.readableBytes());
            }
            bytes.addAndGet(frames.readableBytes());
            frames.release();
        }

        @Override
        public void flush() {}
    }

    private static final class Context implements PublishContext {
        @Override
        public void requestLink() {}

        private boolean fails;

        @Override
        public boolean isDeclared(List<Declarable> entities) {
            if (fails) {
                throw new LinkageError("in a test");
            }
            return true;
        }

        @Override
        public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void replaceChannel(AmqpException cause, long owedSince) {}

        @Override
        public boolean notRouted(List<Declarable> entities) {
            return false;
        }

        @Override
        public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {}
    }

    @BeforeEach
    void createPublisher() {
        createPublisher(ConnectionOptions.defaults());
    }

    private void createPublisher(ConnectionOptions options) {
        PublisherResources shared = PublisherResources.create(log, options, options.completionExecutor());
        publisher = new Publisher(shared, loop, options, context);
    }

    private void open(int channel, int frameMax) throws Exception {
        log.open(writer);
        onLoop(() -> publisher.recovery().opened(channel, frameMax, true));
    }

    private void open(long bound) throws Exception {
        createPublisher(ConnectionOptions.defaults().maxUnconfirmedBytes(bound));
        open(1, 131_072);
    }

    @AfterEach
    void close() throws Exception {
        onLoop(() -> {
            publisher.close(new AmqpConnectionException("closed", null, 0, Initiator.CLIENT, false));
            log.lock();
            log.linkLost();
            log.discardUnsent();
            log.unlock();
            log.close();
        });
        assertThat(used()).isZero();
        assertThat(allocator.unpooled.metric().usedDirectMemory()).isZero();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    private void onLoop(Runnable action) throws Exception {
        loop.submit(action).get(10, TimeUnit.SECONDS);
    }

    private long used() {
        log.lock();
        try {
            return log.bytes().used();
        } finally {
            log.unlock();
        }
    }

    private CompletableFuture<Confirmation> publish(int size, PublishOptions options) {
        return publisher.publish(new byte[size], options, TEMPLATE);
    }

    private void awaitWritten(int bytes) throws Exception {
        Await.until("bytes that are sent", () -> writer.bytes.get() >= bytes);
    }

    private static Throwable failure(CompletableFuture<Confirmation> publish) throws Exception {
        try {
            throw new AssertionError(publish.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** Publishes on a thread of its own. */
    private FutureTask<CompletableFuture<Confirmation>> start(int size, List<Thread> threads) {
        return start(size, OPTIONS, threads);
    }

    private FutureTask<CompletableFuture<Confirmation>> start(int size, PublishOptions options, List<Thread> threads) {
        FutureTask<CompletableFuture<Confirmation>> task = new FutureTask<>(() -> publish(size, options));
        Thread thread = new Thread(task);
        thread.start();
        threads.add(thread);
        return task;
    }

    private static void awaitWaiting(List<Thread> threads) throws Exception {
        for (Thread thread : threads) {
            Await.until(
                    "a thread that waits",
                    () -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
        }
    }

    @Test
    void largeMessagesCountBeforeTheirMemoryIsAllocated() throws Exception {
        open(16 * MIB);
        CountDownLatch gate = new CountDownLatch(1);
        allocator.beforeLarge = () -> {
            try {
                assertThat(gate.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        List<FutureTask<CompletableFuture<Confirmation>>> publishes = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            publishes.add(start(4 * MIB - 4096, threads));
        }
        awaitWaiting(threads);
        assertThat(allocator.largeAllocations).hasValue(4);
        gate.countDown();
        awaitWritten(16 * MIB - 4 * 4096);
        for (int acked = 1; acked <= 30; acked++) {
            int tag = acked;
            awaitWritten(tag * (4 * MIB - 4096));
            assertThat(allocator.unpooled.metric().usedDirectMemory()).isLessThanOrEqualTo(24L * MIB);
            onLoop(() -> publisher.confirms().acked(tag, false));
            onLoop(() -> publisher.confirms().flushAcks());
        }
        for (FutureTask<CompletableFuture<Confirmation>> publish : publishes) {
            publish.get(10, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void failedAllocationOfALargeMessageFreesItsBytes() throws Exception {
        open(MIB);
        allocator.failOnce();
        assertThatThrownBy(() -> publish(900_000, OPTIONS)).isInstanceOf(OutOfMemoryError.class);
        assertThat(used()).isZero();
        assertThat(publish(900_000, OPTIONS)).isNotDone();
    }

    /** The memory is counted after each test. */
    @Test
    void errorAfterALargeMessageWasEncodedFreesIt() throws Exception {
        open(16 * MIB);
        context.fails = true;
        PublishOptions declaring = OPTIONS.declare(Queue.of("q"));
        assertThatThrownBy(() -> publish(5 * MIB, declaring)).isInstanceOf(LinkageError.class); // not pooled
        assertThat(used()).isZero();
        assertThat(allocator.unpooled.metric().usedDirectMemory()).isLessThan(MIB);
    }

    @Test
    void largeMessageIsEncodedAgainIfTheLinkChangesMeanwhile() throws Exception {
        open(MIB);
        writer.records = true;
        allocator.beforeLarge = () -> {
            allocator.beforeLarge = () -> {};
            try {
                publisher.hold();
                open(2, 4096);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
        assertThat(publish(200_000, OPTIONS)).isNotDone();
        awaitWritten(200_000);
        onLoop(() -> {});
        int frame = 0;
        while (frame < writer.written.writerIndex()) {
            long length = FrameFormat.payloadSize(writer.written, frame) + FrameFormat.OVERHEAD;
            assertThat(FrameFormat.channel(writer.written, frame)).isEqualTo(2);
            assertThat(length).isLessThanOrEqualTo(4096);
            frame += (int) length;
        }
        assertThat(writer.written.writerIndex()).isGreaterThan(200_000).isLessThan(201_000);
    }

    @Test
    void bytesOfControlFramesAdmitAPublisherWhenTheyAreSent() throws Exception {
        open(140_000);
        CompletableFuture<Confirmation> open = publish(10, OPTIONS);
        awaitWritten(10);
        writer.writable = false;
        assertThat(log.append(Unpooled.buffer().writeZero(70_000))).isTrue();
        List<Thread> threads = new ArrayList<>();
        FutureTask<CompletableFuture<Confirmation>> waiting = start(10, threads);
        awaitWaiting(threads);
        writer.writable = true;
        onLoop(log::writable);
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isNotDone();
        assertThat(open).isNotDone();
    }

    @Test
    void errorWhileADelayedMessageIsAppendedFailsThatMessage() throws Exception {
        open(64 * MIB);
        List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            publishes.add(publish(5 * MIB, RETRY)); // too large for the pool of segments
        }
        awaitWritten(15 * MIB);
        allocator.failOnce();
        onLoop(() -> {
            publisher.confirms().nacked(3, true);
            publisher.confirms().otherFrame();
        });
        awaitWritten(25 * MIB);
        onLoop(() -> publisher.confirms().acked(5, true));
        onLoop(() -> publisher.confirms().flushAcks());
        assertThat(failure(publishes.get(0)))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("OutOfMemoryError")
                .extracting(failure -> ((PublishException) failure).delivery())
                .isEqualTo(DeliveryStatus.UNKNOWN);
        for (CompletableFuture<Confirmation> publish : publishes.subList(1, 3)) {
            assertThat(publish.get(10, TimeUnit.SECONDS).attempts()).isEqualTo(2);
        }
    }

    @Test
    void bodyThatNoLongerFitsABufferInSmallerFramesFailsAlone() throws Exception {
        CompletableFuture<Confirmation> huge = publish(10, RETRY);
        CompletableFuture<Confirmation> small = publish(10, RETRY);
        log.lock();
        try {
            ByteBuffer encoded = publisher.state.window.segment(0).appendBuffer();
            int header = FrameFormat.OVERHEAD + encoded.getInt(3);
            int bodySize = header + FrameFormat.PREFIX_SIZE + 4;
            assertThat(encoded.getLong(bodySize)).isEqualTo(10);
            encoded.putLong(bodySize, Integer.MAX_VALUE - 100);
        } finally {
            log.unlock();
        }
        open(1, 4096);
        assertThat(failure(huge))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("body: 2147483547 bytes (expected: less than 2 GiB in frames of 4096 bytes)");
        awaitWritten(10);
        assertThat(small).isNotDone();
    }

    @Test
    void immediateIsRefusedIfTheLinkLeadsToRabbitMqAfterTheWait() throws Exception {
        List<Thread> threads = new ArrayList<>();
        publisher.pause("paused");
        var waiting = start(10, OPTIONS.immediate(true), threads);
        awaitWaiting(threads);
        open(1, 131_072);
        publisher.pause(null);
        assertThat(failure(waiting.get(10, TimeUnit.SECONDS)))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("RabbitMQ does not implement it");
    }

    @Test
    void largeImmediateIsRefusedIfTheLinkLeadsToRabbitMqWhileItIsEncoded() throws Exception {
        allocator.beforeLarge = () -> {
            try {
                open(0, Integer.MAX_VALUE);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        };
        assertThat(failure(publish(MIB, OPTIONS.immediate(true))))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("RabbitMQ does not implement it");
    }

    @Test
    void interruptedCallerGetsTheOutcomeThatIsKnown() throws Exception {
        ConcurrentLinkedQueue<Runnable> completions = new ConcurrentLinkedQueue<>();
        createPublisher(ConnectionOptions.defaults().completionExecutor(completions::add));
        open(1, 131_072);
        CompletableFuture<Confirmation> confirmed = publish(10, OPTIONS);
        awaitWritten(10);
        assertThat(publisher.giveUp(publish(10, OPTIONS))).isEqualTo(DeliveryStatus.UNKNOWN);
        onLoop(() -> {
            publisher.confirms().acked(1, false);
            publisher.confirms().flushAcks();
        });
        assertThat(publisher.giveUp(confirmed)).isNull();
        assertThat(confirmed).isNotDone();
        completions.forEach(Runnable::run);
        assertThat(confirmed).isCompletedWithValue(Confirmation.ONE);
    }
}
