package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Await;
import dev.holdfast.testing.DeliveryQueue;
import dev.holdfast.testing.NodeTest;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.RabbitNode;
import java.net.URI;
import java.time.Duration;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A login that is refused for a time while a connection comes back, as during a change of the password. */
class RefusedLoginIT {
    private final Queue<AmqpException> refusals = new ConcurrentLinkedQueue<>();

    private ConnectionOptions options(FaultProxy proxy, RabbitNode node, String user) {
        String uri = proxy.uri(node.uri()).replace("guest:guest@", user + ":first@");
        return ConnectionOptions.parse(uri)
                .reconnectBackoff(Duration.ofMillis(50), Duration.ofMillis(200))
                .listener(new ConnectionListener() {
                    @Override
                    public void connectFailed(AmqpException cause) {
                        refusals.add(cause);
                    }
                });
    }

    @NodeTest
    void consumerAndWaitingPublishComeBackWhenTheLoginIsAcceptedAgain(RabbitNode node) throws Exception {
        String user = "user-" + UUID.randomUUID();
        dev.holdfast.Queue queue = dev.holdfast.Queue.of("login-" + UUID.randomUUID());
        node.ctl("add_user", user, "first");
        node.ctl("set_permissions", user, ".*", ".*", ".*");
        try (FaultProxy proxy = FaultProxy.to(URI.create(node.uri()).getPort());
                Connection connection = Connection.open(options(proxy, node, user))) {
            Channel channel = connection.channel();
            channel.declare(queue);
            DeliveryQueue deliveries = new DeliveryQueue();
            channel.consume(queue.name(), deliveries);
            node.ctl("change_password", user, "second");
            proxy.cutNow();
            Await.until(
                    "the login is refused",
                    () -> refusals.stream().anyMatch(cause -> cause.getMessage().contains("ACCESS_REFUSED")));
            CompletableFuture<Confirmation> publish =
                    connection.producer().publishAsync("waits", PublishOptions.to("", queue.name()));
            node.ctl("change_password", user, "first");
            Confirmation unused = publish.get(30, TimeUnit.SECONDS);
            channel.ack(deliveries.next("waits"));
            assertThat(connection.isClosed()).isFalse();
            channel.deleteQueue(queue.name());
        } finally {
            node.ctl("delete_user", user);
        }
    }
}
