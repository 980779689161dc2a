package dev.holdfast.jmh.adapter;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * RabbitMQ's Java client, used as its guide recommends for many messages: a confirm listener, a map of unconfirmed
 * messages by delivery tag, and a channel for every publishing thread.
 */
final class AmqpClientConnection implements LoadConnection {
    private static final BasicProperties PROPERTIES = new BasicProperties.Builder()
            .contentType("application/data")
            .contentEncoding("binary")
            .deliveryMode(2)
            .build();

    private final @Nullable EventLoopGroup group;
    private final Target target;
    private final Connection connection;

    AmqpClientConnection(URI uri, Target target, boolean netty) throws Exception {
        this.target = target;
        this.group = netty ? new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()) : null;
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(uri);
        if (group != null) {
            factory.netty().eventLoopGroup(group);
        }
        this.connection = factory.newConnection();
    }

    @Override
    public ConfirmedPublisher publisher() throws Exception {
        return new Publisher(connection.createChannel(), target);
    }

    @Override
    public void settle() throws Exception {
        Channel channel = connection.createChannel();
        channel.basicQos(1);
        channel.close();
    }

    @Override
    public void consume(String queue, Runnable onMessage) throws Exception {
        Channel channel = connection.createChannel();
        DeliverCallback callback = (tag, delivery) -> onMessage.run();
        String unused = channel.basicConsume(queue, true, callback, tag -> {});
    }

    @Override
    public void close() throws IOException {
        connection.close();
        if (group != null) {
            group.shutdownGracefully().awaitUninterruptibly();
        }
    }

    private static final class Publisher implements ConfirmedPublisher {
        private final Channel channel;
        private final boolean confirms;
        private final UnconfirmedRing unconfirmed;

        Publisher(Channel channel, Target target) throws IOException {
            this.channel = channel;
            this.confirms = target.confirms();
            this.unconfirmed = new UnconfirmedRing(target.share());
            if (confirms) {
                channel.confirmSelect();
            }
            if (confirms && target.window() != Target.SYNCHRONOUS) {
                channel.addConfirmListener(unconfirmed::confirmed, (tag, multiple) -> {
                    throw new IllegalStateException("nack: " + tag + " (expected: acks only)");
                });
            }
        }

        @Override
        public @Nullable CompletableFuture<?> publish(byte[] body) throws Exception {
            CompletableFuture<?> future = confirms ? unconfirmed.add(channel.getNextPublishSeqNo()) : null;
            channel.basicPublish(Target.EXCHANGE, Target.ROUTING_KEY, PROPERTIES, body);
            return future;
        }

        @Override
        public void publishAndWait(byte[] body) throws Exception {
            channel.basicPublish(Target.EXCHANGE, Target.ROUTING_KEY, PROPERTIES, body);
            channel.waitForConfirmsOrDie();
        }

        @Override
        public void await() throws Exception {
            unconfirmed.awaitEmpty();
        }
    }
}
