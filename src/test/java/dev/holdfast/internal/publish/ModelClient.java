package dev.holdfast.internal.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.internal.frame.FrameFormat;
import dev.holdfast.internal.observe.ConnectionEvents;
import dev.holdfast.internal.outbound.OutboundLog;
import dev.holdfast.internal.protocol.Method;
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
import org.jspecify.annotations.Nullable;

/**
 * The connection of a schedule: a log, its publishers, and the link to the model broker. Does for the publishers what a
 * session does, on one thread and with its own clock.
 */
final class ModelClient {
    private static final int[] FRAME_SIZES = {4096, 8192, 131072};

    final Random random;
    final boolean rabbit;

    final ModelOptions generator;

    /** Whether the broker closes the connection for a message with the immediate flag, and says so. */
    final boolean refusesImmediate;

    final List<ModelMessage> messages = new ArrayList<>();

    /** The channels that the user has not closed. */
    final List<ModelChannel> channels = new ArrayList<>();

    final MockTicker clock = Ticker.newMockTicker();
    final EmbeddedChannel embedded = EmbeddedChannel.builder().ticker(clock).build();
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
    final ConnectionOptions options;

    /** The event loop of the publishers. */
    final EventLoop loop;

    final OutboundLog log;
    final ModelThreads threads;
    final PublisherResources shared;
    final FaultAttribution faults;
    final ModelDeclarations declarations;

    /** Null while there is no link. */
    ModelBroker link;

    int step;

    /** Channels that the client closed: a close that follows proves no message to be its cause. */
    int closedChannels;

    private final @Nullable StringBuilder trace;

    /** The channel of the last frame, whose acks may be deferred. */
    private ModelChannel deferred;

    private int createdChannels;

    ModelClient(Random random, ModelOptions generator, @Nullable StringBuilder trace) {
        this.random = random;
        this.generator = generator;
        this.trace = trace;
        this.rabbit = random.nextBoolean();
        this.refusesImmediate = !rabbit && random.nextBoolean();
        this.options = ConnectionOptions.defaults()
                .confirmTimeout(Duration.ofSeconds(10))
                .maxUnconfirmed(chance(20) ? 4 : 1000)
                .maxUnconfirmedBytes(generator.maxUnconfirmedBytes());
        this.log = newLog();
        this.threads = new ModelThreads(log);
        this.loop = threads.loop(embedded.eventLoop());
        this.shared = PublisherResources.create(log, options, options.completionExecutor());
        this.faults = new FaultAttribution(shared);
        this.declarations = new ModelDeclarations(random, messages);
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            addChannel();
        }
    }

    private OutboundLog newLog() {
        OutboundLog.DrainListener listener = new OutboundLog.DrainListener() {
            @Override
            public void drained() {}

            @Override
            public void failed(Throwable cause) {
                throw new AssertionError("drain", cause);
            }
        };
        ConnectionEvents events = ConnectionEvents.withoutListener();
        return chance(50)
                ? new OutboundLog(embedded.eventLoop(), allocator, listener, events, 1)
                : new OutboundLog(embedded.eventLoop(), allocator, listener, events);
    }

    void addChannel() {
        channels.add(new ModelChannel(this, String.valueOf((char) ('a' + createdChannels++))));
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T anyOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    boolean isTraced() {
        return trace != null;
    }

    void trace(Object event) {
        if (trace != null) {
            trace.append(step).append(": ").append(event).append('\n');
        }
    }

    /** A frame arrives on this channel, or none follows: the deferred acks of another channel are applied first. */
    void frameOn(@Nullable ModelChannel channel) {
        ModelChannel last = deferred;
        deferred = channel;
        if (last != null && last != channel) {
            last.publisher.confirms().flushAcks();
        }
    }

    /** One turn of the event loop. */
    void runLoop() {
        frameOn(null);
        if (chance(50)) {
            log.received();
        }
        embedded.runPendingTasks();
        embedded.checkException();
        ModelInvariants.check(this);
    }

    void linkUp() {
        declarations.linkOpened();
        link = new ModelBroker(messages, FRAME_SIZES[random.nextInt(3)], rabbit);
        if (isTraced()) {
            trace("link up, frame-max " + link.frameMax);
        }
        log.open(link);
    }

    void loseLink(AmqpConnectionException cause) {
        if (link == null) {
            return;
        }
        trace(cause);
        if (chance(50)) {
            frameOn(null);
        }
        deferred = null;
        link.discard();
        link = null;
        channels.forEach(ModelChannel::linkLost);
        declarations.clear();
        faults.linkLost(cause, publishers());
        declarations.linkLost(cause);
        pauseAll(null);
    }

    /** The broker has an alarm, or it is over: while it has one, it reads nothing. */
    void block(boolean blocked) {
        if (link != null && link.isBlocked() != blocked) {
            trace(blocked ? "blocked" : "unblocked");
            link.block(blocked);
            log.silence().block(blocked ? "blocked" : null);
            publishers().forEach(Publisher::wake);
        }
    }

    void pauseAll(@Nullable String reason) {
        publishers().forEach(publisher -> publisher.pause(reason));
    }

    List<Publisher> publishers() {
        return channels.stream().map(channel -> channel.publisher).toList();
    }

    /** A number that no channel uses on this link; 0 if the one that was tried is in use. */
    int freeNumber() {
        int number = 2 + random.nextInt(8);
        boolean used = link.channel(number) != null || channels.stream().anyMatch(channel -> channel.uses(number));
        return used ? 0 : number;
    }

    void send(int channel, Method method) {
        ByteBuf frame = Unpooled.buffer();
        FrameFormat.writeMethod(frame, channel, method);
        boolean unused = log.append(frame);
    }
}
