package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.ConnectFailedException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Declarable;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.outbound.WriteCoalescer;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One random life of a publisher: user, broker, network and clock, each doing what it may do at any moment, on one thread
 * and with a clock of its own, so that a seed tells everything.
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
    private final ModelOptions makeOptions;
    private final FaultAttribution faults;
    private final boolean rabbit;
    private final List<Pending> declares = new ArrayList<>();
    private final Set<Declarable> standing = new HashSet<>();
    private ModelBroker link;
    private int number;
    private ModelChannel channel = ModelChannel.DOWN;
    private BrokerChannel open;
    private int step;

    private enum ModelChannel {
        DOWN,
        OPENING,
        OPEN,
        CLOSING
    }

    private record Pending(List<Declarable> entities, CompletableFuture<Void> answer, long epoch) {}

    private long epoch;

    ModelSchedule(long seed) {
        random = new Random(seed);
        makeOptions = new ModelOptions(random);
        rabbit = random.nextBoolean();
        OutboundLog.DrainListener listener = new OutboundLog.DrainListener() {
            @Override
            public void drained() {}

            @Override
            public void failed(Throwable cause) {
                throw new AssertionError("drain", cause);
            }
        };
        log = new OutboundLog(
                loop,
                allocator,
                listener,
                ConnectionEvents.withoutListener(),
                chance(50) ? 1 : WriteCoalescer.THRESHOLD_BYTES);
        ConnectionOptions options = ConnectionOptions.defaults()
                .confirmTimeout(Duration.ofSeconds(10))
                .maxUnconfirmed(chance(20) ? 4 : 1000)
                .maxUnconfirmedBytes(chance(20) ? 100_000 : 10_000_000);
        StopAndWait stopAndWait = new StopAndWait();
        faults = new FaultAttribution(log, stopAndWait);
        publisher = new Publisher(log, loop, options, this, stopAndWait);
    }

    void run() {
        for (step = 0; step < STEPS; step++) {
            act();
            if (chance(50)) {
                runLoop();
            }
        }
        if (chance(70)) {
            calmDown();
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

    private void act() {
        int which = random.nextInt(100);
        if (which < 35) {
            publish();
        } else if (which < 55) {
            confirm();
        } else if (which < 60) {
            back();
        } else if (which < 68) {
            pass(random.nextInt(chance(20) ? 12_000 : 1500));
        } else if (which < 71) {
            loseLink();
        } else if (which < 74) {
            closeChannel();
        } else if (which < 76) {
            cancel();
        } else if (which < 80) {
            turnWritability();
        } else if (which < 81) {
            publisher.pause(chance(50) ? "blocked" : null);
        } else if (which < 84) {
            answerDeclare(random.nextInt(4));
        } else {
            goOn();
        }
    }

    private void publish() {
        PublishOptions options = makeOptions.next(messages.size());
        ModelMessage message =
                new ModelMessage(messages.size(), options, makeOptions.size(), makeOptions.poison(), clock.nanoTime());
        messages.add(message);
        message.queued = publisher.state.open;
        message.tooLarge = makeOptions.largeHeader(options);
        PublishTemplate template = PublishTemplate.of(
                options.exchange(),
                options.routingKey(),
                options.mandatory(),
                options.immediate(),
                options.properties());
        try {
            message.future = publisher.publish(message.body, options, template);
        } catch (IllegalArgumentException e) {
            message.future = CompletableFuture.failedFuture(e);
        }
        message.future.whenComplete((result, error) -> message.completed(result, error, step));
    }

    /** An ack or a nack, of one or of many. */
    private void confirm() {
        if (channel != ModelChannel.OPEN || open.open.isEmpty()) {
            return;
        }
        boolean multiple = chance(30);
        boolean refused = chance(20);
        boolean zero = multiple && chance(20) && !hasClosed(); // all so far, of which none was thrown away
        List<Long> tags = List.copyOf(open.open.keySet());
        long tag = tags.get(zero ? tags.size() - 1 : random.nextInt(tags.size()));
        Map<Long, ModelMessage> concerned =
                new java.util.TreeMap<>(multiple ? open.open.headMap(tag, true) : Map.of(tag, open.open.get(tag)));
        boolean late =
                concerned.values().stream().anyMatch(m -> m.options.mandatory()) && refused && !rabbit && chance(50);
        concerned.forEach((each, message) -> {
            open.open.remove(each);
            message.acked |= !refused;
            message.nacked |= refused;
            message.channels.put(open, refused);
        });
        publisher.confirms().otherFrame();
        if (refused) {
            publisher.confirms().nacked(zero ? 0 : tag, multiple);
        } else {
            publisher.confirms().acked(zero ? 0 : tag, multiple);
        }
        if (chance(50)) {
            publisher.confirms().settleAcks(); // else the next frame comes with the same read
        }
        if (late) {
            concerned.values().stream()
                    .filter(m -> m.options.mandatory())
                    .findFirst()
                    .ifPresent(this::returned);
        }
    }

    /** A return, its confirm to come. */
    private void back() {
        if (channel == ModelChannel.OPEN) {
            open.open.values().stream()
                    .filter(m -> m.options.mandatory() && !m.returned)
                    .findFirst()
                    .ifPresent(this::returned);
        }
    }

    private void returned(ModelMessage message) {
        message.returned = true;
        MessageProperties properties = chance(20) ? MessageProperties.EMPTY : message.options.properties();
        publisher
                .confirms()
                .returned(new ReturnedMessage(
                        312,
                        "NO_ROUTE",
                        message.options.exchange(),
                        message.options.routingKey(),
                        properties,
                        message.body));
    }

    private void pass(long millis) {
        clock.advance(millis, TimeUnit.MILLISECONDS);
        if (chance(80)) {
            runLoop();
        }
    }

    void runLoop() {
        publisher.confirms().settleAcks();
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

    /** Whatever brings the connection further: connects, opens, or fails to connect. */
    private void goOn() {
        if (tellOfPoison()) {
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
            openFurther();
        }
    }

    private void openFurther() {
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
            open = known;
            open.openedAtStep = step;
            messages.forEach(message -> message.queued |= !message.isDone());
            publisher.recovery().opened(number, link.frameMax, rabbit);
        }
    }

    private void linkUp() {
        epoch++;
        link = new ModelBroker(messages, order, FRAME_SIZES[random.nextInt(3)], rabbit);
        log.open(link);
        openFurther();
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
        standing.clear();
        faults.linkLost(cause, List.of(publisher));
        declares.stream().filter(each -> chance(50)).toList().forEach(each -> {
            declares.remove(each);
            each.answer.completeExceptionally(cause);
        });
        publisher.pause(null);
    }

    /** The broker closes the channel for a publish to an exchange that is missing, and says so. */
    private void closeChannel() {
        if (channel != ModelChannel.OPEN || hasClosed()) {
            return;
        }
        List<ModelMessage> inDoubt =
                open.open.values().stream().filter(each -> !each.returned).toList();
        if (inDoubt.isEmpty()) {
            return; // what is returned was handled
        }
        open.closing = true;
        ModelMessage culprit = blame(inDoubt);
        if (culprit.isDone()) {
            excuseAll(); // it has timed out here, and may be looked for in vain
        }
        if (!culprit.options.declarations().isEmpty()) {
            standing.clear();
        }
        tellOfClose(404, "no exchange '" + culprit.options.exchange() + "'");
    }

    private void tellOfClose(int code, String text) {
        channel = ModelChannel.DOWN;
        faults.channelClosed(AmqpChannelException.closedByBroker(number, code, text, "basic.publish"), publisher);
        send(ChannelMethods.CloseOk.INSTANCE);
    }

    /** What the broker has closed for a message that it cannot bear becomes known. False: nothing. */
    private boolean tellOfPoison() {
        if (link != null && link.endedBy != null) {
            harm(link.endedBy);
            loseLink(AmqpConnectionException.closedByBroker(541, "INTERNAL_ERROR", chance(50) ? "basic.publish" : ""));
            return true;
        }
        if (channel == ModelChannel.OPEN && open.closedFor != null) {
            harm(open.closedFor);
            tellOfClose(541, "INTERNAL_ERROR");
            return true;
        }
        return false;
    }

    /** Whether the broker has closed, and the publisher is still to hear of it. */
    private boolean hasClosed() {
        return open.closing || link.endedBy != null;
    }

    private void harm(ModelMessage culprit) {
        ConfirmWindow window = publisher.state.window;
        for (long position = window.head(); position < window.unsent(); position++) {
            if (window.isLive(position) && window.future(position) == culprit.future) {
                culprit.closes++; // it has not timed out there
            }
        }
        excuseAll();
    }

    private void excuseAll() {
        messages.stream().filter(each -> !each.isDone()).forEach(each -> {
            each.unheard = 0;
            each.excuses++;
        });
    }

    /** Brokers handle publishes in order: the first to an exchange that is missing is to blame, those behind it are lost. */
    private ModelMessage blame(List<ModelMessage> inDoubt) {
        String exchange = inDoubt.get(random.nextInt(inDoubt.size())).options.exchange();
        ModelMessage culprit = null;
        for (ModelMessage message : inDoubt) {
            boolean matches = message.options.exchange().equals(exchange);
            if (culprit == null && matches) {
                culprit = message;
            }
            if (culprit != null) {
                message.discarded++;
                message.blamed |= matches; // the first may have timed out here, so that the next is taken for it
                message.declareFailed |= matches; // it sleeps before it comes again
            }
        }
        return culprit;
    }

    private void cancel() {
        if (!messages.isEmpty()) {
            ModelMessage message = messages.get(random.nextInt(messages.size()));
            message.cancelled |= message.future.cancel(false);
        }
    }

    private void turnWritability() {
        if (link != null) {
            link.writable = !link.writable;
            if (link.writable) {
                log.writable();
            }
        }
    }

    private void answerDeclare(int how) {
        if (declares.isEmpty()) {
            return;
        }
        Pending pending = declares.remove(random.nextInt(declares.size()));
        boolean fails = how == 0 || pending.epoch != epoch;
        if (fails) {
            messages.forEach(m -> m.declareFailed |= m.options.declarations().equals(pending.entities) && !m.isDone());
            pending.answer.completeExceptionally(
                    new AmqpChannelException("declare", 1, 405, "exchange.declare", chance(50)));
        } else {
            standing.addAll(pending.entities);
            pending.answer.complete(null);
        }
    }

    /** Nothing bad happens any more: everything must come to its end. */
    private void calmDown() {
        step++;
        publisher.pause(null);
        for (int round = 0; publisher.state.outstanding() > 0; round++) {
            assertThat(round)
                    .as("rounds to come to rest: %s, %s", publisher, messages)
                    .isLessThan(200);
            calmRound();
        }
        calmRound();
        assertThat(publisher.state.window.span()).isZero();
        assertThat(publisher.state.delayed).isZero();
        assertThat(publisher.state.inLine).as("somebody waits for a turn").isFalse();
        assertThat(log.waitingPublishers().isEmpty()).isTrue();
        assertThat(publisher.state.pendingDeclares).isEmpty();
        assertThat(messages).allMatch(message -> message.future.isDone());
        assertThat(log.segments().retainedBytes())
                .as("retained bytes when idle")
                .isLessThanOrEqualTo(ModelOptions.LARGEST);
    }

    private void calmRound() {
        boolean unused = tellOfPoison();
        if (link == null) {
            linkUp();
        }
        link.writable = true;
        log.writable();
        runLoop();
        openFurther();
        while (!declares.isEmpty()) {
            answerDeclare(1);
        }
        runLoop();
        if (channel == ModelChannel.OPEN && !open.open.isEmpty()) {
            long last = hasClosed() ? open.open.lastKey() : 0;
            open.open.values().forEach(message -> message.acked = true);
            open.open.clear();
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
            link.writable = true; // the user closed the channel, not the connection: what was queued still goes
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
        return standing.containsAll(entities);
    }

    @Override
    public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        declares.add(new Pending(entities, answer, epoch));
        return answer;
    }

    @Override
    public void replaceChannel(AmqpException cause) {
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
