package dev.holdfast.jmh.impl;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** RabbitMQ's Java client, as its guide recommends for many messages: confirm listener, unconfirmed messages by tag. */
final class AmqpClientPublisher implements ConfirmedPublisher {
    private static final BasicProperties PROPERTIES = new BasicProperties.Builder()
            .contentType("application/data")
            .contentEncoding("binary")
            .deliveryMode(2)
            .build();

    private final @Nullable EventLoopGroup group;
    private final Connection connection;
    private final Channel channel;
    private final UnconfirmedRing unconfirmed;

    AmqpClientPublisher(URI uri, int window, boolean netty) throws Exception {
        this.unconfirmed = new UnconfirmedRing(window);
        this.group = netty ? new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()) : null;
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uri);
        if (group != null) {
            factory.netty().eventLoopGroup(group);
        }
        this.connection = factory.newConnection();
        this.channel = connection.createChannel();
        channel.confirmSelect();
        channel.addConfirmListener(unconfirmed::confirmed, (tag, multiple) -> {
            throw new IllegalStateException("nack: " + tag + " (expected: acks only)");
        });
    }

    @Override
    public void publish(byte[] body) throws Exception {
        unconfirmed.add(channel.getNextPublishSeqNo());
        channel.basicPublish(ClientType.EXCHANGE, ClientType.ROUTING_KEY, PROPERTIES, body);
    }

    @Override
    public void await() throws Exception {
        unconfirmed.awaitEmpty();
    }

    @Override
    public void close() throws IOException {
        connection.close();
        if (group != null) {
            group.shutdownGracefully().awaitUninterruptibly();
        }
    }
}
