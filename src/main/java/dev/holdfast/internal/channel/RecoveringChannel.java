package dev.holdfast.internal.channel;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Declarable;
import dev.holdfast.Delivery;
import dev.holdfast.DeliveryHandler;
import dev.holdfast.PublishException;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.concurrent.EventLoopCalls;
import dev.holdfast.internal.concurrent.UserCallbacks;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.protocol.ConfirmMethods;
import dev.holdfast.internal.protocol.Method;
import dev.holdfast.internal.protocol.TxMethods;
import dev.holdfast.internal.publish.FaultAttribution;
import dev.holdfast.internal.publish.PublishContext;
import dev.holdfast.internal.publish.PublishFailure;
import dev.holdfast.internal.publish.Publisher;
import dev.holdfast.internal.state.Content;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel with what lives on it: its consumers, its publisher, its mode. Knows how to put itself back on a new link.
 *
 * <p>Methods are for the event loop only, but for those that say "any thread".
 */
public final class RecoveringChannel implements WireChannel.Listener, PublishContext {
    private enum Mode {
        PLAIN,
        CONFIRM,
        TX
    }

    private final Owner host;
    private final WireChannel channel;
    private final ChannelConsumers consumers;
    private final boolean reopens;
    private Mode mode = Mode.PLAIN;
    private volatile @Nullable Publisher publisher;
    private volatile @Nullable Consumer<ReturnedMessage> onReturn;

    /** Whoever keeps the numbers. Called on the event loop. */
    public interface Owner extends ChannelContext {
        /** The channel's number is free; {@code again}: it is opened anew under another. */
        void channelDown(RecoveringChannel channel, boolean again);
    }

    /** @param reopens whether the channel is opened again when the broker closes it: those of the session's own are */
    public RecoveringChannel(Owner host, boolean reopens) {
        this.host = host;
        this.reopens = reopens;
        this.channel = new WireChannel(host, this);
        this.consumers = new ChannelConsumers(host);
    }

    /** Calls, sends, and the state on the wire. Any thread. */
    public WireChannel wire() {
        return channel;
    }

    public ChannelConsumers consumers() {
        return consumers;
    }

    public @Nullable Publisher publisherIfAny() {
        return publisher;
    }

    /** Whoever hears of returns that belong to no publisher. Any thread. */
    public void onReturn(@Nullable Consumer<ReturnedMessage> callback) {
        onReturn = callback;
    }

    /** Makes this a channel that publishes with outcomes, before it is opened for the first time. */
    public Publisher makePublisher() {
        Publisher made = new Publisher(host.log(), host.loop(), host.options(), this, host.oneAtATime());
        mode = Mode.CONFIRM;
        publisher = made;
        channel.publisher(made);
        return made;
    }

    /** Puts an open channel into confirm mode, once. Any thread. */
    public CompletableFuture<Publisher> confirmSelect() {
        return EventLoopCalls.call(host.loop(), () -> {
            AmqpException closed = channel.closedBy();
            if (closed != null) {
                throw closed;
            }
            Publisher known = publisher;
            if (known != null) {
                return CompletableFuture.completedFuture(known);
            }
            if (mode == Mode.TX) {
                throw new IllegalStateException(
                        "channel: in tx mode (expected: no transactions on a channel that confirms)");
            }
            Publisher made = makePublisher();
            CompletableFuture<?> selected = host.options().confirms()
                    ? channel.call(new ConfirmMethods.Select(false))
                    : CompletableFuture.completedFuture(null);
            return selected.thenApply(reply -> {
                if (channel.isOpen()) {
                    made.recovery().opened(channel.number(), host.frameMax(), host.isRabbit());
                }
                return made;
            });
        });
    }

    /** tx.select. Any thread. */
    public CompletableFuture<Void> txSelect() {
        return EventLoopCalls.call(host.loop(), () -> {
            if (mode == Mode.CONFIRM) {
                throw new IllegalStateException(
                        "channel: in confirm mode (expected: no confirms on a channel with transactions)");
            }
            mode = Mode.TX;
            return channel.call(TxMethods.Select.INSTANCE).thenAccept(reply -> {});
        });
    }

    /** Starts a consumer. Any thread. */
    public CompletableFuture<String> consume(String queue, ConsumeOptions options, DeliveryHandler handler) {
        return EventLoopCalls.call(host.loop(), () -> consumers.start(channel, queue, options, handler));
    }

    /** Takes one message. Any thread. */
    public CompletableFuture<Optional<Delivery>> get(String queue, boolean noAck) {
        BasicMethods.Get request = new BasicMethods.Get(host.currentName(queue), noAck);
        return channel.get(request).thenApply(answered -> {
            Content content = answered.content();
            if (content == null) {
                return Optional.empty();
            }
            BasicMethods.GetOk ok = (BasicMethods.GetOk) content.method();
            return Optional.of(new Delivery(
                    "",
                    ok.deliveryTag(),
                    ok.redelivered(),
                    ok.exchange(),
                    ok.routingKey(),
                    content.properties(),
                    content.body(),
                    answered.epoch(),
                    ok.messageCount()));
        });
    }

    /** Sends a message without an outcome. Any thread. False: the channel is not open. */
    public boolean publish(PublishTemplate template, byte[] body, boolean immediate) {
        if (immediate && host.isRabbit()) {
            throw PublishFailure.immediateRefused(PublishException.DeliveryStatus.NOT_SENT);
        }
        return channel.outlet().publish(template, body);
    }

    /** Stops a consumer. Any thread. */
    public CompletableFuture<Void> cancel(String consumerTag) {
        return EventLoopCalls.call(host.loop(), () -> consumers.cancel(channel, consumerTag));
    }

    /** Opens the channel on the present link and selects what its mode needs. */
    public CompletableFuture<?> open(int number) {
        CompletableFuture<?> opened = channel.open(number);
        return mode == Mode.CONFIRM && host.options().confirms()
                ? opened.thenCompose(reply -> channel.setup(new ConfirmMethods.Select(false)))
                : opened;
    }

    /** The topology stands: consumers come back, then users' calls go, then publishes. */
    public CompletableFuture<Void> resume() {
        return startConsumers(false).thenRun(this::flow);
    }

    /**
     * The topology stands: consumers come back.
     *
     * @param alone whether nothing else is asked of the broker meanwhile
     */
    public CompletableFuture<Void> startConsumers(boolean alone) {
        return consumers.resume(channel, alone);
    }

    /** Consumers are back: users' calls go, then publishes. */
    public void flow() {
        channel.ready();
        Publisher known = publisher;
        if (known != null) {
            known.pause(null); // what the broker asked of the channel before is not asked of this one
            known.recovery().opened(channel.number(), host.frameMax(), host.isRabbit());
        }
    }

    /** The link is lost; outcomes of publishes were read off the log before. */
    public void linkLost(AmqpConnectionException cause) {
        channel.linkLost(cause);
        Publisher known = publisher;
        if (known != null) {
            known.pause(null);
        }
        if (mode == Mode.TX) {
            close(new AmqpChannelException(
                    "the connection was lost inside a transaction: " + cause.getMessage(),
                    channel.number(),
                    0,
                    "",
                    true));
        }
    }

    /** The channel takes nothing any more, whatever the link does. */
    public CompletableFuture<Void> close(AmqpException cause) {
        CompletableFuture<Void> ended = channel.close(cause);
        consumers.closed(cause);
        Publisher known = publisher;
        if (known != null) {
            known.close(cause);
        }
        return ended;
    }

    @Override
    public void settle() {
        consumers.handOver();
    }

    @Override
    public void delivered(Delivery delivery) {
        consumers.delivered(delivery);
    }

    @Override
    public void content(Content content) {
        if (content.method() instanceof BasicMethods.Return back) {
            ReturnedMessage message = new ReturnedMessage(
                    back.replyCode(),
                    back.replyText(),
                    back.exchange(),
                    back.routingKey(),
                    content.properties(),
                    content.body());
            tell(host.options().onReturn(), message);
            Publisher known = publisher;
            if (known != null && host.options().confirms()) {
                known.confirms().returned(message);
            } else {
                returned(message, null, false);
            }
        }
    }

    @Override
    public boolean method(Method method) {
        Publisher known = publisher;
        if (method instanceof BasicMethods.Ack ack && known != null) {
            known.confirms().acked(ack.deliveryTag(), ack.multiple());
        } else if (method instanceof BasicMethods.Nack nack && known != null) {
            known.confirms().nacked(nack.deliveryTag(), nack.multiple());
        } else if (method instanceof BasicMethods.Cancel cancel) {
            consumers.cancelledByBroker(cancel.consumerTag());
        } else if (method instanceof ChannelMethods.Flow flow) {
            boolean unused = channel.outlet().send(new ChannelMethods.FlowOk(flow.active()), channel.openOn());
            if (known != null) {
                known.pause(flow.active() ? null : "the broker asked this channel to pause (channel.flow)");
            }
        } else {
            return false;
        }
        return true;
    }

    @Override
    public void ended(AmqpException cause) {
        Publisher known = publisher;
        if (known != null) {
            if (cause instanceof AmqpChannelException refused) {
                if (refused.replyCode() == 404) {
                    host.missing();
                }
                new FaultAttribution(host.log(), host.oneAtATime()).channelClosed(refused, known);
            } else {
                known.recovery().channelLost(cause);
            }
        }
        if (!reopens) {
            close(cause);
        }
    }

    @Override
    public void down() {
        host.channelDown(this, reopens);
    }

    @Override
    public void wantLink() {
        host.wantLink();
    }

    @Override
    public boolean isDeclared(List<Declarable> entities) {
        return host.stands(entities);
    }

    @Override
    public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
        return host.ensure(entities, always);
    }

    @Override
    public void replaceChannel(AmqpException cause) {
        if (!channel.isDown()) {
            channel.end(cause, true);
        }
    }

    @Override
    public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {
        tell(matched ? callback : onReturn, message);
    }

    private void tell(@Nullable Consumer<ReturnedMessage> callback, ReturnedMessage message) {
        if (callback != null) {
            UserCallbacks.run(host.deliveryExecutor(), () -> callback.accept(message));
        }
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
