package dev.holdfast.jmh.impl;

import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionOptions;
import dev.holdfast.Producer;
import dev.holdfast.PublishOptions;
import dev.holdfast.Transport;
import java.util.concurrent.CompletableFuture;

/** Holdfast through its public API: prepared options, a future for each message. */
final class HoldfastPublisher implements ConfirmedPublisher {
    private final Connection connection;
    private final Producer producer;
    private final PublishOptions options = PublishOptions.to(ClientType.EXCHANGE, ClientType.ROUTING_KEY);
    private CompletableFuture<Confirmation> newest = CompletableFuture.completedFuture(Confirmation.ONE);

    HoldfastPublisher(String uri, int window, Transport transport) {
        this.connection = Connection.open(
                ConnectionOptions.parse(uri).transport(transport).maxUnconfirmed(window));
        this.producer = connection.producer();
    }

    @Override
    public void publish(byte[] body) {
        newest = producer.publishAsync(body, options);
    }

    /** The peer confirms in order: when the newest is confirmed, all are. */
    @Override
    public void await() {
        newest.join();
    }

    @Override
    public void close() {
        connection.close();
    }
}
