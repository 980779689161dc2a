package dev.holdfast.internal.channel;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Declarable;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.MessageProperties;
import dev.holdfast.PublishException;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.inbound.DeliveryBacklog;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.TxMethods;
import dev.holdfast.internal.publish.FaultAttribution;
import dev.holdfast.internal.publish.PublishContext;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.state.BrokerFaults;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.state.PublishFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel that outlives its links: restores its mode, its publisher and its consumers on every new link.
 *
 * <p>Methods are for the event loop only, except for those that say "any thread".
 */
public final class RecoveringChannel implements WireChannel.Listener, PublishContext {
    /** A channel of a user that ends sooner after its set-up is opened again after a delay. */
    public static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private enum Mode {
        PLAIN,
        CONFIRM,
        TX
    }

    private final ChannelResources session;
    private final LinkHolder link;
    private final Owner owner;
    private final boolean ownedBySession;
    private final WireChannel wire;
    private Mode mode = Mode.PLAIN;
    private volatile @Nullable Consumer<ReturnedMessage> onReturn;
    private long readyAt;

    /** Why the last opening ended, if that is a reason to wait before the next; else null. */
    private @Nullable AmqpException reopenDelayedBy;

    /** Approximate memory of the returned message that is being handled. */
    private long returnedBytes;

    /**
     * Declares entities for the channel, and manages its number. Methods are for the event loop unless they say
     * otherwise.
     */
    public interface Owner extends ConsumedQueues {
        /** Whether all of these are known to be declared on the current link. Any thread. */
        boolean isDeclared(List<Declarable> entities);

        /** Declares all of these, or without {@code always} only those that are not declared yet. */
        CompletableFuture<Void> declare(List<Declarable> entities, boolean always);

        /** A message that declares these was routed to no queue. Returns whether any of them may be missing. */
        boolean notRouted(List<Declarable> entities);

        /** The broker closed the channel with 404 (not-found): an entity that counted as declared may be missing. */
        void notFound();

        /** The number of the channel is free. A channel that is not closed must be opened again. */
        void channelDown(RecoveringChannel channel);

        /** Whether a publish without a retry policy on another channel would fail if the link was dropped. */
        boolean othersWait(RecoveringChannel channel);
    }

    /**
     * Creates a channel that is not open.
     *
     * @param ownedBySession whether the session cannot do without the channel
     */
    public RecoveringChannel(ChannelResources session, Owner owner, boolean ownedBySession) {
        this.session = session;
        this.link = session.link();
        this.owner = owner;
        this.ownedBySession = ownedBySession;
        this.wire = new WireChannel(session, this, owner);
    }

    /** The channel on the current link. Any thread. */
    public WireChannel wire() {
        return wire;
    }

    /** Whether the session cannot do without the channel: if it cannot be opened again, a new link may help. */
    public boolean ownedBySession() {
        return ownedBySession;
    }

    /** Sets the callback for returned messages that belong to no publish of the publisher. Any thread. */
    public void onReturn(@Nullable Consumer<ReturnedMessage> callback) {
        onReturn = callback;
    }

    /** Puts the channel into confirm mode, before it is opened for the first time. */
    public Publisher createPublisher() {
        Publisher publisher = new Publisher(session.publishers(), link.loop(), session.options(), this);
        mode = Mode.CONFIRM;
        wire.publisher(publisher);
        return publisher;
    }

    /** Puts an open channel into confirm mode; returns the same publisher each time. Any thread. */
    public CompletableFuture<Publisher> confirmSelect() {
        return EventLoopCalls.call(link.loop(), () -> {
            AmqpException closed = wire.closedBy();
            if (closed != null) {
                throw closed;
            }
            Publisher existing = wire.publisher();
            if (existing != null) {
                return CompletableFuture.completedFuture(existing);
            }
            if (mode == Mode.TX) {
                throw new IllegalStateException(
                        "channel: in tx mode (expected: no transactions on a channel that confirms)");
            }
            Publisher publisher = createPublisher();
            CompletableFuture<?> selected = session.options().confirms()
                    ? wire.call(new ConfirmMethods.Select(false))
                    : CompletableFuture.completedFuture(null);
            return selected.thenApply(selectOk -> {
                if (wire.isOpen()) {
                    opened(publisher);
                }
                return publisher;
            });
        });
    }

    private void opened(Publisher publisher) {
        publisher.recovery().opened(wire.number(), link.frameMax(), link.isRabbit());
    }

    /** Sends tx.select. Any thread. */
    public CompletableFuture<Void> txSelect() {
        return EventLoopCalls.call(link.loop(), () -> {
            if (mode == Mode.CONFIRM) {
                throw new IllegalStateException(
                        "channel: in confirm mode (expected: no confirms on a channel with transactions)");
            }
            mode = Mode.TX;
            return wire.call(TxMethods.Select.INSTANCE).thenAccept(selectOk -> {});
        });
    }

    /** Starts a consumer; the future is its tag. Any thread. */
    public CompletableFuture<String> consume(String queue, ConsumeOptions options, DeliveryHandler handler) {
        return EventLoopCalls.call(link.loop(), () -> wire.consumers().start(queue, options, handler));
    }

    /** Sends basic.get; empty if the queue is. Any thread. */
    public CompletableFuture<Optional<Delivery>> get(String queue, boolean noAck) {
        if (owner.isStream(queue)) { // RabbitMQ would close the connection
            throw new IllegalArgumentException("queue: '" + queue + "' (expected: not a stream; consume from it)");
        }
        BasicMethods.Get request = new BasicMethods.Get(owner.currentName(queue), noAck);
        return wire.get(request).thenApply(rpc -> {
            Content content = rpc.content();
            if (content == null) {
                return Optional.empty();
            }
            BasicMethods.GetOk ok = (BasicMethods.GetOk) content.method();
            byte[] none = {};
            Delivery origin = new Delivery(
                    "",
                    ok.deliveryTag(),
                    ok.redelivered(),
                    ok.exchange(),
                    ok.routingKey(),
                    MessageProperties.EMPTY,
                    none,
                    rpc.contentEpoch(),
                    ok.messageCount());
            return Optional.of(
                    origin.with(ok.deliveryTag(), content.properties(), content.body(), content.decodeError()));
        });
    }

    /**
     * Publishes without a confirm. Returns whether the channel is open; if it is not, nothing was sent. Any thread.
     */
    public boolean publish(PublishTemplate template, byte[] body, boolean immediate) {
        if (immediate && link.isRabbit()) {
            throw PublishFailure.immediateRefused(PublishException.DeliveryStatus.NOT_SENT);
        }
        return wire.writer().publish(template, body);
    }

    /** Stops a consumer. Any thread. */
    public CompletableFuture<Void> cancel(String consumerTag) {
        return EventLoopCalls.call(link.loop(), () -> wire.consumers().cancel(consumerTag));
    }

    /**
     * Acknowledges or rejects a delivery of the channel's opening with this epoch. Returns false if the channel has
     * ended since; nothing was sent. Any thread.
     */
    public boolean settle(Method method, long deliveryTag, boolean multiple, long epoch) {
        if (!wire.writer().send(method, epoch)) {
            return false;
        }
        wire.consumers().settled(deliveryTag, multiple, epoch);
        return true;
    }

    /** Returns the present name of the queue that has or had this name. Any thread. */
    public String currentName(String queue) {
        return owner.currentName(queue);
    }

    /** Opens the channel on the current link, and selects confirms if it has a publisher. */
    public CompletableFuture<?> open(int number) {
        CompletableFuture<?> opened = wire.open(number);
        return mode == Mode.CONFIRM && session.options().confirms()
                ? opened.thenCompose(openOk -> wire.setup(new ConfirmMethods.Select(false)))
                : opened;
    }

    /** Starts the consumers again, then sends calls of users and publishes. The topology must be declared. */
    public CompletableFuture<Void> resume() {
        return restartConsumers(false).thenRun(this::ready);
    }

    /**
     * Why the channel must not be opened again at once: its set-up failed, or it ended soon after for something that
     * may happen each time, such as an unknown delivery tag. Null if a refused consumer or publish ended it.
     */
    public @Nullable AmqpException reopenDelayedBy() {
        return reopenDelayedBy;
    }

    /**
     * Starts the consumers again. The topology must be declared.
     *
     * @param alone whether no other request is outstanding meanwhile
     */
    public CompletableFuture<Void> restartConsumers(boolean alone) {
        return wire.consumers().restartAll(alone);
    }

    /** Sends the waiting calls of users, then the unsent publishes. The consumers must be started. */
    public void ready() {
        readyAt = link.loop().ticker().nanoTime();
        wire.ready();
        Publisher publisher = wire.publisher();
        if (publisher != null) {
            publisher.pause(null); // a channel.flow of the previous link does not apply to this one
            opened(publisher);
        }
    }

    /** The link is lost. The publisher was notified before, by the fault attribution. */
    public void linkLost(AmqpConnectionException cause) {
        wire.linkLost(cause);
        Publisher publisher = wire.publisher();
        if (publisher != null) {
            publisher.pause(null);
        }
        if (mode == Mode.TX) {
            close(new AmqpChannelException(
                    "the connection was lost inside a transaction: " + cause.getMessage(), wire.number(), 0, "", true));
        }
    }

    /** Closes the channel: it is not opened on any link again. The future completes when the broker has answered. */
    public CompletableFuture<Void> close(AmqpException cause) {
        try {
            return wire.close(cause);
        } finally {
            wire.consumers().closed();
            Publisher publisher = wire.publisher();
            if (publisher != null) {
                publisher.close(cause);
            }
        }
    }

    @Override
    public void returned(BasicMethods.Return method, Content content) {
        ReturnedMessage message = new ReturnedMessage(
                method.replyCode(),
                method.replyText(),
                method.exchange(),
                method.routingKey(),
                content.properties(),
                content.body(),
                content.decodeError());
        returnedBytes = content.bytes() + DeliveryBacklog.OVERHEAD;
        runCallback(session.options().onReturn(), message);
        Publisher publisher = wire.publisher();
        if (publisher != null && session.options().confirms()) {
            publisher.confirms().returned(message, content);
        } else {
            returned(message, null, false);
        }
    }

    @Override
    public void ended(AmqpException cause, boolean inSetup, boolean startRefused) {
        reopenDelayedBy = ownedBySession || startRefused ? null : delayReason(cause, inSetup);
        Publisher publisher = wire.publisher();
        if (publisher != null) {
            if (cause instanceof AmqpChannelException refused) {
                if (refused.replyCode() == 404) {
                    owner.notFound();
                }
                new FaultAttribution(session.publishers()).channelClosed(refused, publisher);
            } else {
                publisher.recovery().channelLost(cause);
            }
        }
        if (!ownedBySession && (mode == Mode.TX || (mode == Mode.PLAIN && !inSetup && !startRefused))) {
            close(cause);
        }
    }

    private @Nullable AmqpException delayReason(AmqpException cause, boolean inSetup) {
        String failedMethod = cause instanceof AmqpChannelException refused ? refused.failedMethod() : "";
        if (inSetup && !failedMethod.startsWith("basic.")) {
            return cause;
        }
        boolean early = inSetup || link.loop().ticker().nanoTime() - readyAt < STABLE_NANOS;
        return early && !failedMethod.equals("basic.publish") ? BrokerFaults.recoverableCopy(cause) : null;
    }

    @Override
    public void down() {
        owner.channelDown(this);
    }

    @Override
    public void confirmsSelected() {
        Publisher publisher = wire.publisher();
        if (publisher != null && wire.openEpoch() != 0) {
            opened(publisher);
        }
    }

    @Override
    public void requestLink() {
        link.requestLink();
    }

    @Override
    public boolean isDeclared(List<Declarable> entities) {
        return owner.isDeclared(entities);
    }

    @Override
    public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
        return owner.declare(entities, always);
    }

    @Override
    public boolean notRouted(List<Declarable> entities) {
        return owner.notRouted(entities);
    }

    @Override
    public @Nullable String heldReason() {
        return session.inbound().backlog().heldReason();
    }

    @Override
    public void replaceChannel(AmqpException cause, long owedSince) {
        if (!wire.isDown()) {
            wire.end(cause, owner.othersWait(this) ? session.log().silence().now() : owedSince);
        }
    }

    @Override
    public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {
        runCallback(matched ? callback : onReturn, message);
    }

    private void runCallback(@Nullable Consumer<ReturnedMessage> callback, ReturnedMessage message) {
        if (callback != null) {
            DeliveryResources inbound = session.inbound();
            inbound.backlog().run(inbound.deliveryExecutor(), returnedBytes, () -> callback.accept(message));
        }
    }

    @Override
    public String toString() {
        return wire.toString();
    }
}
