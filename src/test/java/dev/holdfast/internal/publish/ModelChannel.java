package dev.holdfast.internal.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import dev.holdfast.AmqpException;
import dev.holdfast.AmqpTimeoutException;
import dev.holdfast.Confirmation;
import dev.holdfast.Declarable;
import dev.holdfast.PublishOptions;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.frame.PublishTemplate;
import dev.holdfast.internal.outbound.ConfirmWindow;
import dev.holdfast.internal.protocol.ChannelMethods;
import dev.holdfast.internal.publish.ModelBroker.BrokerChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One publisher of a schedule and its channel, which is opened again on every link until the user closes it. */
final class ModelChannel implements PublishContext {
    final String name;
    final Publisher publisher;
    final ModelConfirms confirms;
    final ModelBroker.OrderCheck order = new ModelBroker.OrderCheck();

    /** The channel at the broker; null unless it is open. */
    BrokerChannel atBroker;

    private final ModelClient client;
    private State state = State.DOWN;
    private int number;
    private CompletableFuture<Void> idle;

    private enum State {
        DOWN,
        OPENING,
        OPEN,
        CLOSING
    }

    ModelChannel(ModelClient client, String name) {
        this.client = client;
        this.name = name;
        this.publisher = new Publisher(client.shared, client.loop, client.options, this);
        this.confirms = new ModelConfirms(client, this);
    }

    CompletableFuture<Confirmation> publish(ModelMessage message) {
        message.appended = publisher.state.open;
        PublishOptions options =
                message.options.retry(message.options.retryPolicy().onRetry((cause, delay) -> retried(message, cause)));
        PublishTemplate template = PublishTemplate.of(
                options.exchange(),
                options.routingKey(),
                options.mandatory(),
                options.immediate(),
                options.properties());
        try {
            return publisher.publish(message.body, options, template);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void retried(ModelMessage message, AmqpException cause) {
        if (cause instanceof AmqpTimeoutException) {
            message.late = true;
            message.lateWhileBlocked |= !publisher.state.clock.runs();
        }
    }

    /** Whether the publisher has transferred this message and awaits its confirm. */
    boolean awaitsConfirm(ModelMessage message) {
        ConfirmWindow window = publisher.state.window;
        for (long position = window.head(); position < window.unsent(); position++) {
            if (window.isLive(position) && window.future(position) == message.future) {
                return window.isTransferStarted(position);
            }
        }
        return false;
    }

    /** Whether it awaits it and has not sent the message again meanwhile, behind other ones. */
    boolean awaitsFirstConfirm(ModelMessage message) {
        return awaitsConfirm(message) && !message.late;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether the channel is open and the broker has publishes to confirm. */
    boolean hasUnconfirmed() {
        return isOpen() && !atBroker.unconfirmed.isEmpty();
    }

    /** Whether the broker has closed the channel or connection, which is not reported to the publisher yet. */
    boolean hasClosed() {
        return atBroker.closing || client.link.connectionClosedFor != null;
    }

    boolean uses(int channelNumber) {
        return state != State.DOWN && number == channelNumber;
    }

    /** The next step towards an open channel. There must be a link. */
    void continueOpening() {
        BrokerChannel known = client.link.channel(number);
        if (state == State.CLOSING && known == null) {
            state = State.DOWN; // close-ok
        }
        if (state == State.DOWN) {
            number = client.freeNumber();
            if (number > 0) {
                state = State.OPENING;
                client.send(number, ChannelMethods.Open.INSTANCE);
            }
        } else if (state == State.OPENING && known != null && !known.closing) {
            state = State.OPEN;
            atBroker = known;
            atBroker.openedAtStep = client.step;
            client.trace(name + " opens as channel " + number);
            client.frameOn(this);
            messages().forEach(message -> message.appended |= !message.isDone());
            publisher.recovery().opened(number, client.link.frameMax, client.rabbit);
        }
    }

    List<ModelMessage> messages() {
        return client.messages.stream()
                .filter(message -> message.channel == this)
                .toList();
    }

    void linkLost() {
        state = State.DOWN;
        atBroker = null;
    }

    /** The broker has closed this channel, which is reported to the publisher. */
    void closedByBroker(int code, String text) {
        client.trace(name + " is closed by the broker: " + code + " " + text);
        state = State.DOWN;
        atBroker = null;
        client.frameOn(this);
        client.faults.channelClosed(
                AmqpChannelException.closedByBroker(number, code, text, "basic.publish"), publisher);
        client.send(number, ChannelMethods.CloseOk.INSTANCE);
    }

    /** The user closes the channel: no more publishes are accepted, and the open ones continue. */
    void beginClose() {
        if (idle == null) {
            client.trace(name + " accepts no more publishes");
            publisher.refuse(closeCause());
            idle = publisher.idle();
        }
    }

    /** Whether the user closes the channel and every publish has its outcome. */
    boolean isIdle() {
        return idle != null && idle.isDone();
    }

    boolean mustBeIdle() {
        return idle != null && publisher.state.outstanding() == 0;
    }

    /** False while the broker may be opening the channel, whose number is then in use. */
    boolean mayClose() {
        return state != State.OPENING;
    }

    /** Closes the channel, because every publish has its outcome or because the time for that is over. */
    void close() {
        client.trace(name + " is closed by the user");
        closeAtBroker();
        state = State.DOWN;
        client.channels.remove(this);
        publisher.close(closeCause());
    }

    private static AmqpConnectionException closeCause() {
        return new AmqpConnectionException("closed", null, 0, Initiator.CLIENT, false);
    }

    private void closeAtBroker() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            client.closedChannels++;
            atBroker = null;
            publisher.hold();
            client.send(number, new ChannelMethods.Close(200, "", 0, 0));
        }
    }

    @Override
    public void requestLink() {}

    @Override
    public boolean isDeclared(List<Declarable> entities) {
        return client.declarations.contain(entities);
    }

    @Override
    public CompletableFuture<Void> declare(List<Declarable> entities, boolean always) {
        return client.declarations.declare(entities);
    }

    @Override
    public void replaceChannel(AmqpException cause, long owedSince) {
        client.trace(name + " is replaced: " + cause.getMessage());
        assertThat(client.threads.isLocked()).isFalse();
        closeAtBroker();
        if (state != State.DOWN) {
            publisher.recovery().channelLost(cause);
        }
    }

    @Override
    public boolean notRouted(List<Declarable> entities) {
        return false;
    }

    @Override
    public void returned(ReturnedMessage message, @Nullable Consumer<ReturnedMessage> callback, boolean matched) {
        if (matched) {
            return;
        }
        ModelMessage known = client.messages.get(Integer.parseInt(message.routingKey()));
        assertThat(known.isDone() || known.nacked || known.late)
                .as("a return that found no message: %s", known)
                .isTrue();
    }

    @Override
    public String toString() {
        return name + " " + state + " " + publisher;
    }
}
