package dev.holdfast.jmh.adapter;

import dev.holdfast.Channel;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.ConsumeOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Transport;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Holdfast through its public API: one producer for all threads, prepared options, a future for each message. */
final class HoldfastConnection implements LoadConnection {
    private final Connection connection;
    private final Producer producer;
    private final PublishOptions options = PublishOptions.to(Target.EXCHANGE, Target.ROUTING_KEY);

    HoldfastConnection(Target target, Transport transport) {
        this.connection = Connection.open(ConnectionOptions.parse(target.uri())
                .transport(transport)
                .confirms(target.confirms())
                .maxUnconfirmed(Math.max(1, target.window())));
        this.producer = connection.producer();
    }

    @Override
    public ConfirmedPublisher publisher() {
        return new Publisher(null);
    }

    @Override
    public ConfirmedPublisher jsonPublisher(Map<String, ?> body) {
        return new Publisher(body);
    }

    /** All channels share one outbound log: when an RPC is answered, the peer has read everything before it. */
    @Override
    public void settle() {
        try (Channel channel = connection.channel()) {
            channel.inspect(Target.EXCHANGE);
        }
    }

    @Override
    public void consume(String queue, Runnable onMessage) {
        Channel channel = connection.channel();
        String unused = channel.consume(queue, ConsumeOptions.defaults().noAck(true), delivery -> onMessage.run());
    }

    @Override
    public void close() {
        connection.close();
    }

    private final class Publisher implements ConfirmedPublisher {
        private final @Nullable Map<String, ?> jsonBody;
        private CompletableFuture<Confirmation> newest = CompletableFuture.completedFuture(Confirmation.ONE);

        Publisher(@Nullable Map<String, ?> jsonBody) {
            this.jsonBody = jsonBody;
        }

        @Override
        public CompletableFuture<?> publish(byte[] body) {
            CompletableFuture<Confirmation> future = producer.publishAsync(jsonBody == null ? body : jsonBody, options);
            newest = future;
            return future;
        }

        @Override
        public void publishAndWait(byte[] body) {
            Confirmation unused = producer.publish(body, options);
        }

        /** The peer confirms in order: when the newest is confirmed, all are. */
        @Override
        public void await() {
            Confirmation unused = newest.join();
        }
    }
}
