package dev.holdfast.internal.publish;

import dev.holdfast.MessageProperties;
import dev.holdfast.ReturnedMessage;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.internal.protocol.PropertiesCodec;
import dev.holdfast.internal.publish.ModelBroker.BrokerChannel;
import dev.holdfast.internal.state.Content;
import dev.holdfast.internal.wire.WireWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Acks, nacks and returns of the model broker for the publisher of one channel. */
final class ModelConfirms {
    private final ModelClient client;
    private final ModelChannel channel;

    ModelConfirms(ModelClient client, ModelChannel channel) {
        this.client = client;
        this.channel = channel;
    }

    /** An ack or a nack, of one or of many. */
    void confirm() {
        BrokerChannel brokerChannel = channel.atBroker;
        Publisher publisher = channel.publisher;
        boolean multiple = chance(30);
        boolean nack = chance(client.generator.nackPercent());
        boolean tagZero = multiple && chance(20) && !channel.hasClosed() && !client.link.isBlocked(); // all so far
        List<Long> tags = List.copyOf(brokerChannel.unconfirmed.keySet());
        long tag = tags.get(tagZero ? tags.size() - 1 : client.random.nextInt(tags.size()));
        Map<Long, ModelMessage> confirmed = new TreeMap<>(
                multiple
                        ? brokerChannel.unconfirmed.headMap(tag, true)
                        : Map.of(tag, brokerChannel.unconfirmed.get(tag)));
        boolean returnFollows = confirmed.values().stream().anyMatch(m -> m.options.mandatory())
                && nack
                && !client.rabbit
                && chance(50);
        confirmed.forEach((deliveryTag, message) -> {
            brokerChannel.unconfirmed.remove(deliveryTag);
            message.acked |= !nack;
            message.nacked |= nack;
            message.channels.put(brokerChannel, nack);
        });
        if (client.isTraced()) {
            client.trace(channel.name + (nack ? " nack of " : " ack of ") + confirmed.values());
        }
        client.frameOn(channel);
        publisher.confirms().otherFrame();
        if (nack) {
            publisher.confirms().nacked(tagZero ? 0 : tag, multiple);
        } else {
            publisher.confirms().acked(tagZero ? 0 : tag, multiple);
        }
        if (chance(50)) {
            publisher.confirms().flushAcks(); // else the next frame comes with the same read
        }
        if (returnFollows) {
            confirmed.values().stream()
                    .filter(m -> m.options.mandatory())
                    .findFirst()
                    .ifPresent(this::returned);
        }
    }

    /** The broker returns a message; its confirm follows. */
    void returnOne() {
        channel.atBroker.unconfirmed.values().stream()
                .filter(message -> message.options.mandatory() && !message.returned)
                .findFirst()
                .ifPresent(this::returned);
    }

    private void returned(ModelMessage message) {
        message.returned = true;
        client.trace(channel.name + " return of " + message.id);
        client.frameOn(channel);
        MessageProperties properties = chance(20) ? MessageProperties.EMPTY : message.options.properties();
        ReturnedMessage returned = new ReturnedMessage(
                312, "NO_ROUTE", message.options.exchange(), message.options.routingKey(), properties, message.body);
        channel.publisher.confirms().returned(returned, content(properties, message.body));
    }

    private static Content content(MessageProperties properties, byte[] body) {
        ByteBuf header = Unpooled.buffer().writeInt(60 << 16).writeLong(body.length);
        PropertiesCodec.encode(properties, new WireWriter(header));
        BasicMethods.Return method = new BasicMethods.Return(312, "NO_ROUTE", "", "");
        return new Content(method, ByteBufUtil.getBytes(header), properties, body, null);
    }

    /** The broker acks everything that it has. */
    void ackAll() {
        BrokerChannel brokerChannel = channel.atBroker;
        long last = channel.hasClosed() ? brokerChannel.unconfirmed.lastKey() : 0;
        brokerChannel.unconfirmed.values().forEach(message -> message.acked = true);
        brokerChannel.unconfirmed.clear();
        client.frameOn(channel);
        channel.publisher.confirms().otherFrame();
        channel.publisher.confirms().acked(last, true);
    }

    private boolean chance(int percent) {
        return client.chance(percent);
    }
}
