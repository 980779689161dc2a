package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.publish.ModelBroker.BrokerChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One random schedule of events of user, broker, network and clock, each allowed at its moment. It runs on one thread
 * and with its own clock, so that the seed determines it.
 */
final class ModelSchedule implements PublishContext {
    private static final int STEPS = 60;
    private static final int[] FRAME_SIZES = {4096, 8192, 131072};

    final List<ModelMessage> messages = new ArrayList<>();
    final Random random;
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    final MockTicker clock = Ticker.newMockTicker();
    final EmbeddedChannel embedded = EmbeddedChannel.builder().ticker(clock).build();
    final EventLoop loop = embedded.eventLoop();
    final OutboundLog log;
    final Publisher publisher;

    private final ModelBroker.OrderCheck order = new ModelBroker.OrderCheck();
    private final ModelOptions generator;
    private final FaultAttribution faults;
    private final boolean rabbit;
    private final ModelDeclarations declarations;
    private final ModelConfirms confirms;
    private ModelBroker link;
    private int number;
    private ModelChannel channel = ModelChannel.DOWN;
    private BrokerChannel brokerChannel;
    private int step;

    private enum ModelChannel {
        DOWN,
        OPENING,
        OPEN,
        CLOSING
    }

    ModelSchedule(long seed) {
        random = new Random(seed);
        generator = new ModelOptions(random);
        rabbit = random.nextBoolean();
        OutboundLog.DrainListener listener = new OutboundLog.DrainListener() {
            @Override
            public void drained() {}

            @Override
            public void failed(Throwable cause) {
                throw new AssertionError("drain", cause);
            }
        };
        ConnectionEvents events = ConnectionEvents.withoutListener();
        log = chance(50)
                ? new OutboundLog(loop, allocator, listener, events, 1)
                : new OutboundLog(loop, allocator, listener, events);
        ConnectionOptions options = ConnectionOptions.defaults()
                .confirmTimeout(Duration.ofSeconds(10))
                .maxUnconfirmed(chance(20) ? 4 : 1000)
                .maxUnconfirmedBytes(chance(20) ? 100_000 : 10_000_000);
        StopAndWait stopAndWait = new StopAndWait();
        faults = new FaultAttribution(log, stopAndWait);
        publisher = new Publisher(log, loop, options, this, stopAndWait);
        declarations = new ModelDeclarations(random, messages);
        confirms = new ModelConfirms(random, publisher, rabbit);
    }

    void run() {
        for (step = 0; step < STEPS; step++) {
            randomEvent();
            if (chance(50)) {
                runLoop();
            }
        }
        if (chance(70)) {
            finishMessages();
        }
        close();
        log.close();
        messages.forEach(ModelOutcomes::check);
        assertThat(log.segments().retainedBytes())
                .as("retained bytes at the end")
                .isZero();
        assertThat(allocator.metric().usedDirectMemory())
                .as("memory at the end")
                .isZero();
        embedded.close();
    }

    private void randomEvent() {
        int which = random.nextInt(100);
        if (which < 35) {
            publish();
        } else if (which < 55) {
            confirm();
        } else if (which < 60) {
            returnOne();
        } else if (which < 68) {
            advanceClock(random.nextInt(chance(20) ? 12_000 : 1500));
        } else if (which < 71) {
            loseLink();
        } else if (which < 74) {
            closeChannel();
        } else if (which < 76) {
            cancel();
        } else if (which < 80) {
            toggleWritability();
        } else if (which < 81) {
            publisher.pause(chance(50) ? "blocked" : null);
        } else if (which < 84) {
            declarations.answer(random.nextInt(4) == 0);
        } else {
            advanceConnection();
        }
    }

    private void publish() {
        PublishOptions options = generator.next(messages.size());
        ModelMessage message =
                new ModelMessage(messages.size(), options, generator.size(), generator.poison(), clock.nanoTime());
        messages.add(message);
        message.appended = publisher.state.open;
        message.tooLarge = generator.largeHeader(options);
        PublishTemplate template = PublishTemplate.of(
                options.exchange(),
                options.routingKey(),
                options.mandatory(),
                options.immediate(),
                options.properties());
        PublishOptions reporting = options.retry(options.retryPolicy().onRetry((cause, delay) -> {
            message.late |= cause instanceof AmqpTimeoutException;
        }));
        try {
            message.future = publisher.publish(message.body, reporting, template);
        } catch (IllegalArgumentException e) {
            message.future = CompletableFuture.failedFuture(e);
        }
        message.future.whenComplete((result, error) -> message.completed(result, error, step));
    }

    private void confirm() {
        if (channel == ModelChannel.OPEN && !brokerChannel.unconfirmed.isEmpty()) {
            confirms.confirm(brokerChannel, hasClosed());
        }
    }

    private void returnOne() {
        if (channel == ModelChannel.OPEN) {
            confirms.returnOne(brokerChannel);
        }
    }

    private void advanceClock(long millis) {
        clock.advance(millis, TimeUnit.MILLISECONDS);
        if (chance(80)) {
            runLoop();
        }
    }

    void runLoop() {
        publisher.confirms().flushAcks();
        if (chance(50)) {
            log.received();
        }
        embedded.runPendingTasks();
        embedded.checkException();
        for (ModelMessage message : messages) {
            Duration timeout = message.options.timeout();
            if (!message.isDone() && timeout != null && clock.nanoTime() - message.publishedAt >= timeout.toNanos()) {
                throw new AssertionError("late: " + message);
            }
        }
    }

    /** The next step of the connection: connects, fails to connect, or opens the channel. */
    private void advanceConnection() {
        if (reportPoisonClose()) {
            return;
        }
        if (link == null) {
            int how = random.nextInt(100);
            if (how < 60) {
                linkUp();
            } else if (how < 97) {
                publisher.recovery().roundFailed(new ConnectFailedException("no", null, true));
            } else {
                publisher.recovery().refused(new ConnectFailedException("never", null, false));
            }
        } else {
            continueOpening();
        }
    }

    private void continueOpening() {
        BrokerChannel known = link.channel(number);
        if (channel == ModelChannel.CLOSING && known == null) {
            channel = ModelChannel.DOWN; // close-ok
        }
        if (channel == ModelChannel.DOWN) {
            number = chance(50) ? 2 : 3 + random.nextInt(3);
            if (link.channel(number) == null) {
                channel = ModelChannel.OPENING;
                send(ChannelMethods.Open.INSTANCE);
            }
        } else if (channel == ModelChannel.OPENING && known != null && !known.closing) {
            channel = ModelChannel.OPEN;
            brokerChannel = known;
            brokerChannel.openedAtStep = step;
            messages.forEach(message -> message.appended |= !message.isDone());
            publisher.recovery().opened(number, link.frameMax, rabbit);
        }
    }

    private void linkUp() {
        declarations.linkOpened();
        link = new ModelBroker(messages, order, FRAME_SIZES[random.nextInt(3)], rabbit);
        log.open(link);
        continueOpening();
    }

    private void send(Method method) {
        ByteBuf frame = Unpooled.buffer();
        FrameFormat.writeMethod(frame, number, method);
        boolean unused = log.append(frame);
    }

    void loseLink() {
        if (link != null) {
            loseLink(new AmqpConnectionException("lost", null, 0, Initiator.NETWORK, true));
        }
    }

    private void loseLink(AmqpConnectionException cause) {
        link = null;
        channel = ModelChannel.DOWN;
        declarations.clear();
        faults.linkLost(cause, List.of(publisher));
        declarations.linkLost(cause);
        publisher.pause(null);
    }

    /** The broker closes the channel because of a publish to a missing exchange, which the reply text names. */
    private void closeChannel() {
        if (channel != ModelChannel.OPEN || hasClosed()) {
            return;
        }
        List<ModelMessage> inDoubt = brokerChannel.unconfirmed.values().stream()
                .filter(message -> !message.returned)
                .toList();
        if (inDoubt.isEmpty()) {
            return; // the broker has handled returned messages
        }
        brokerChannel.closing = true;
        ModelMessage cause = ModelMessage.findCause(
                inDoubt, inDoubt.get(random.nextInt(inDoubt.size())).options.exchange());
        if (cause.isDone()) {
            ModelMessage.countFreeRetries(messages); // timed out here, so that stop-and-wait may not find it
        }
        if (!cause.options.declarations().isEmpty()) {
            declarations.clear();
        }
        reportChannelClose(404, "no exchange '" + cause.options.exchange() + "'");
    }

    private void reportChannelClose(int code, String text) {
        channel = ModelChannel.DOWN;
        faults.channelClosed(AmqpChannelException.closedByBroker(number, code, text, "basic.publish"), publisher);
        send(ChannelMethods.CloseOk.INSTANCE);
    }

    /** Reports a close because of a poison message to the publisher. False: there is none. */
    private boolean reportPoisonClose() {
        if (link != null && link.connectionClosedFor != null) {
            recordClose(link.connectionClosedFor);
            loseLink(AmqpConnectionException.closedByBroker(541, "INTERNAL_ERROR", chance(50) ? "basic.publish" : ""));
            return true;
        }
        if (channel == ModelChannel.OPEN && brokerChannel.channelClosedFor != null) {
            recordClose(brokerChannel.channelClosedFor);
            reportChannelClose(541, "INTERNAL_ERROR");
            return true;
        }
        return false;
    }

    /** Whether the broker has closed the channel or connection, which is not reported to the publisher yet. */
    private boolean hasClosed() {
        return brokerChannel.closing || link.connectionClosedFor != null;
    }

    private void recordClose(ModelMessage cause) {
        ConfirmWindow window = publisher.state.window;
        for (long position = window.head(); position < window.unsent(); position++) {
            if (window.isLive(position) && window.future(position) == cause.future) {
                cause.closes++; // still open at the publisher
            }
        }
        ModelMessage.countFreeRetries(messages);
    }

    private void cancel() {
        if (!messages.isEmpty()) {
            ModelMessage message = messages.get(random.nextInt(messages.size()));
            message.cancelled |= message.future.cancel(false);
        }
    }

    private void toggleWritability() {
        if (link != null) {
            link.writable = !link.writable;
            if (link.writable) {
                log.writable();
            }
        }
    }

    /** Without faults, every message must get its outcome. */
    private void finishMessages() {
        step++;
        publisher.pause(null);
        for (int round = 0; publisher.state.outstanding() > 0; round++) {
            assertThat(round)
                    .as("rounds until all outcomes are known: %s, %s", publisher, messages)
                    .isLessThan(200);
            finishRound();
        }
        finishRound();
        assertThat(publisher.state.window.span()).isZero();
        assertThat(publisher.state.delayedRetries).isZero();
        assertThat(publisher.state.stopAndWaitActive)
                .as("stop-and-wait is active")
                .isFalse();
        assertThat(log.waitingPublishers().isEmpty()).isTrue();
        assertThat(publisher.state.pendingDeclares).isEmpty();
        assertThat(messages).allMatch(message -> message.future.isDone());
        assertThat(log.segments().retainedBytes())
                .as("retained bytes when idle")
                .isLessThanOrEqualTo(ModelOptions.MAX_SEGMENT_BYTES);
    }

    private void finishRound() {
        boolean unused = reportPoisonClose();
        if (link == null) {
            linkUp();
        }
        link.writable = true;
        log.writable();
        runLoop();
        continueOpening();
        while (declarations.arePending()) {
            declarations.answer(false);
        }
        runLoop();
        if (channel == ModelChannel.OPEN && !brokerChannel.unconfirmed.isEmpty()) {
            long last = hasClosed() ? brokerChannel.unconfirmed.lastKey() : 0;
            brokerChannel.unconfirmed.values().forEach(message -> message.acked = true);
            brokerChannel.unconfirmed.clear();
            publisher.confirms().otherFrame();
            publisher.confirms().acked(last, true);
        }
        clock.advance(500, TimeUnit.MILLISECONDS);
        runLoop();
    }

    private void close() {
        if (chance(50)) {
            loseLink();
        }
        publisher.close(new AmqpConnectionException("closed", null, 0, Initiator.CLIENT, false));
        runLoop();
        if (link != null && chance(50)) {
            link.writable = true; // only the channel was closed: the log is still sent
            log.writable();
        }
        loseLink();
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    @Override
    public void requestLink() {}

    @Override
    public boolean isDeclared(List<Declarable> entities) {
        return declarations.contain(entities);
    }

    @Override
    public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
        return declarations.declare(entities);
    }

    @Override
    public void readNow() {}

    @Override
    public void replaceChannel(AmqpException cause, long owedSince) {
        assertThatThrownBy(log::unlock).isInstanceOf(IllegalMonitorStateException.class);
        if (channel == ModelChannel.OPEN) {
            channel = ModelChannel.CLOSING;
            send(new ChannelMethods.Close(200, "", 0, 0));
        }
        if (channel != ModelChannel.DOWN) {
            publisher.recovery().channelLost(cause);
        }
    }

    @Override
    public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {
        if (matched) {
            return;
        }
        ModelMessage known = messages.get(Integer.parseInt(message.routingKey()));
        assertThat(known.isDone() || known.nacked)
                .as("a return that found no message: %s", known)
                .isTrue();
    }
}
