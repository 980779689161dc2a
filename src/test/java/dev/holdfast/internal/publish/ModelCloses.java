package dev.holdfast.internal.publish;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.internal.publish.ModelBroker.BrokerChannel;
import java.util.List;
import java.util.Optional;

/** Closes of a channel or of the connection by the model broker. */
final class ModelCloses {
    private final ModelClient client;

    ModelCloses(ModelClient client) {
        this.client = client;
    }

    /** Closes for a publish to a missing exchange, which the reply text names. */
    void closeForExchange() {
        ModelChannel channel = client.anyOf(client.channels);
        if (!channel.isOpen() || channel.hasClosed()) {
            return;
        }
        List<ModelMessage> inDoubt = channel.atBroker.unconfirmed.values().stream()
                .filter(message -> !message.returned) // the broker has handled returned messages
                .toList();
        if (inDoubt.isEmpty()) {
            return;
        }
        String exchange = client.anyOf(inDoubt).options.exchange();
        if (client.chance(50)) {
            closeChannel(channel, inDoubt, exchange);
        } else if (channel.awaitsFirstConfirm(ModelMessage.firstTo(exchange, inDoubt))) {
            // A connection.close for a message whose confirm was late would be attributed to one of another channel.
            closeConnection(inDoubt, exchange);
        }
    }

    private void closeChannel(ModelChannel channel, List<ModelMessage> inDoubt, String exchange) {
        ModelMessage cause = ModelMessage.findCause(inDoubt, exchange);
        if (!channel.awaitsFirstConfirm(cause)) {
            // Its confirm was late: another message may match, perhaps one that the broker has not read yet, or none.
            ModelMessage.countFreeRetries(channel.messages());
            channel.messages()
                    .forEach(message ->
                            message.mayBeCause |= message.options.exchange().equals(exchange) && !message.isDone());
        }
        if (!cause.options.declarations().isEmpty()) {
            client.declarations.clear();
        }
        channel.atBroker.closing = true;
        channel.closedByBroker(404, "no exchange '" + exchange + "'");
    }

    private void closeConnection(List<ModelMessage> inDoubt, String exchange) {
        ModelMessage cause = ModelMessage.findCause(inDoubt, exchange);
        client.trace("close for " + cause);
        ModelMessage.countFreeRetries(client.messages);
        client.loseLink(AmqpConnectionException.closedByBroker(404, "no exchange '" + exchange + "'", "basic.publish"));
    }

    /** Reports a close because of a poison message to the publisher. False: there is none. */
    boolean reportPoison() {
        if (client.link == null) {
            return false;
        }
        ModelMessage ended = client.link.connectionClosedFor;
        Optional<ModelChannel> closed = client.channels.stream()
                .filter(channel -> channel.isOpen() && channel.atBroker.channelClosedFor != null)
                .findAny();
        if (closed.isPresent() && (ended == null || client.chance(50))) {
            reportChannelClose(closed.get());
            return true;
        }
        if (ended != null) {
            reportConnectionClose(ended);
        }
        return ended != null;
    }

    private void reportChannelClose(ModelChannel channel) {
        BrokerChannel atBroker = channel.atBroker;
        boolean unused = recordClose(atBroker.channelClosedFor, channel.messages());
        channel.closedByBroker(541, "INTERNAL_ERROR");
    }

    private void reportConnectionClose(ModelMessage cause) {
        boolean open = recordClose(cause, client.messages);
        // A text that names no open message would be attributed to another one.
        boolean immediate = client.refusesImmediate && cause.options.immediate() && open && !cause.late;
        client.loseLink(
                immediate
                        ? AmqpConnectionException.closedByBroker(
                                540, "NOT_IMPLEMENTED - immediate=true", "basic.publish")
                        : AmqpConnectionException.closedByBroker(
                                541, "INTERNAL_ERROR", client.chance(50) ? "basic.publish" : ""));
    }

    /** Returns whether the cause is still open at its publisher. */
    private boolean recordClose(ModelMessage cause, List<ModelMessage> affected) {
        if (client.isTraced()) {
            client.trace("close for " + cause);
        }
        boolean open = cause.channel.awaitsConfirm(cause);
        cause.closes += open ? 1 : 0;
        ModelMessage.countFreeRetries(affected);
        return open;
    }

    /** Closes the connection for a declaration that the broker has not answered. */
    void closeForDeclaration() {
        if (client.link != null && client.link.connectionClosedFor == null && client.declarations.arePending()) {
            AmqpConnectionException cause = AmqpConnectionException.closedByBroker(
                    503, "COMMAND_INVALID - invalid exchange type", "exchange.declare");
            client.declarations.closeForOne();
            ModelMessage.countFreeRetries(client.messages);
            client.loseLink(cause);
        }
    }
}
