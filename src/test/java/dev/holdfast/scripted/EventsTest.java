package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.Address;
import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpException;
import dev.holdfast.Confirmation;
import dev.holdfast.Connection;
import dev.holdfast.ConnectionListener;
import dev.holdfast.ConnectionStatistics;
import dev.holdfast.Producer;
import dev.holdfast.internal.protocol.ConnectionMethods;
import dev.holdfast.testing.Await;
import dev.holdfast.testing.LogLines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;

/** Statistics, listener events, Flight Recorder events and log lines of a connection. */
class EventsTest {
    private final List<String> received = new CopyOnWriteArrayList<>();

    private final class ReceivingListener implements ConnectionListener {
        @Override
        public void connected(Address address) {
            received.add("connected");
        }

        @Override
        public void connectFailed(AmqpException cause) {
            received.add("connectFailed");
        }

        @Override
        public void closed(Address address, AmqpConnectionException cause) {
            received.add("closed by " + cause.initiator());
        }

        @Override
        public void blocked(String reason) {
            received.add("blocked: " + reason);
        }

        @Override
        public void unblocked(Duration after) {
            received.add("unblocked");
        }

        @Override
        public void retrying(AmqpException cause, Duration delay) {
            received.add("retrying after " + delay.toMillis() + " ms");
        }

        @Override
        public void replayed(int messages) {
            received.add("replayed " + messages);
        }

        @Override
        public void slowConfirm(String exchange, Duration latency) {
            received.add("slow confirm of '" + exchange + "'");
        }
    }

    @Test
    void statisticsCountEveryOutcome() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                ScriptedBroker.Client client = broker.connect(broker.options().listener(new ReceivingListener()))) {
            ScriptedLink link = client.link();
            Producer producer = client.connection().producer(p -> p.routingKey("q"));
            List<CompletableFuture<Confirmation>> publishes = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                publishes.add(producer.publishAsync("m" + i));
            }
            ScriptedLink.Published last = link.expectPublish();
            for (int i = 1; i < 5; i++) {
                last = link.expectPublish();
            }
            assertThat(client.connection().statistics().outstanding()).isEqualTo(5);
            link.ackAllUpTo(last.channel(), 4);
            link.nack(last.channel(), 5);
            for (CompletableFuture<Confirmation> publish : publishes) {
                Throwable unused = catchThrowable(() -> publish.get(10, TimeUnit.SECONDS));
            }
            publishes.add(producer.publishAsync("returned", p -> p.mandatory(true)));
            ScriptedLink.Published unroutable = link.expectPublish();
            link.returnUnroutable(unroutable);
            link.ack(unroutable.channel(), 6);
            Throwable unused = catchThrowable(() -> publishes.get(5).get(10, TimeUnit.SECONDS));

            ConnectionStatistics statistics = client.connection().statistics();
            assertThat(statistics.published()).isEqualTo(6);
            assertThat(statistics.confirmed()).isEqualTo(4);
            assertThat(statistics.nacked()).isEqualTo(1);
            assertThat(statistics.returned()).isEqualTo(1);
            assertThat(statistics.failed()).isEqualTo(2);
            assertThat(statistics.outstanding()).isZero();
            assertThat(statistics.connects()).isEqualTo(1);
            assertThat(statistics.publishedBytes()).isGreaterThan(6 * 20);
        }
    }

    @Test
    void listenerReceivesRetriesReplaysBlocksAndLinks() throws Exception {
        try (ScriptedBroker broker = ScriptedBroker.start();
                ScriptedBroker.Client client = broker.connect(
                        broker.options().listener(new ReceivingListener()).slowConfirm(Duration.ofNanos(1)))) {
            Connection connection = client.connection();
            Producer producer = connection.producer(p -> p.routingKey("q").retry());
            CompletableFuture<Confirmation> nacked = producer.publishAsync("nacked");
            client.link().nack(client.link().expectPublish().channel(), 1);
            client.link().ack(client.link().expectPublish().channel(), 2);
            assertThat(nacked.get(10, TimeUnit.SECONDS).attempts()).isEqualTo(2);
            CompletableFuture<Confirmation> lost = producer.publishAsync("lost");
            client.link().expectPublish();
            client.link().send(0, new ConnectionMethods.Blocked("memory"));
            Await.until("blocked", () -> received.contains("blocked: memory"));
            client.link().cut();
            ScriptedLink restored = broker.acceptRestored();
            restored.ack(restored.expectPublish().channel(), 1);
            assertThat(lost.get(10, TimeUnit.SECONDS).attempts()).isEqualTo(2);
            ConnectionStatistics statistics = connection.statistics();
            assertThat(statistics.retried()).isEqualTo(2);
            assertThat(statistics.replayed()).isEqualTo(1);
            assertThat(statistics.connects()).isEqualTo(2);
            assertThat(statistics.blocked()).isPositive();
            Await.until("all received", () -> received.size() == 9);
            assertThat(received)
                    .containsExactly(
                            "connected",
                            "retrying after 0 ms",
                            "slow confirm of ''",
                            "blocked: memory",
                            "unblocked",
                            "closed by NETWORK",
                            "connected",
                            "replayed 1",
                            "slow confirm of ''");
        }
    }

    @Test
    void listenerExceptionIsLogged() throws Exception {
        ConnectionListener broken = new ConnectionListener() {
            @Override
            public void connected(Address address) {
                throw new IllegalStateException("a listener of the user's");
            }
        };
        try (LogLines log = new LogLines();
                ScriptedBroker broker = ScriptedBroker.start();
                ScriptedBroker.Client client = broker.connect(broker.options().listener(broken))) {
            CompletableFuture<Confirmation> done =
                    client.connection().producer().publishAsync("x");
            client.link().ack(client.link().expectPublish().channel(), 1);
            done.get(10, TimeUnit.SECONDS);
            Await.until("logged", () -> log.lines(Level.WARNING).contains("a listener of the user's"));
        }
    }

    @Test
    void successfulSessionIsLoggedAtDebugOnly() throws Exception {
        try (LogLines log = new LogLines();
                ScriptedBroker broker = ScriptedBroker.start()) {
            ScriptedBroker.Client client = broker.connect(broker.options());
            CompletableFuture<Confirmation> done =
                    client.connection().producer().publishAsync("x");
            client.link().ack(client.link().expectPublish().channel(), 1);
            done.get(10, TimeUnit.SECONDS);
            CompletableFuture<Void> closed = client.connection().closeAsync(Duration.ofSeconds(10));
            client.link().expect(ConnectionMethods.Close.class).reply(ConnectionMethods.CloseOk.INSTANCE);
            closed.get(10, TimeUnit.SECONDS);
            assertThat(log.lines(Level.CONFIG)).isEmpty();
            assertThat(log.text()).contains("connected to 127.0.0.1").contains("closed: ");
        }
    }

    @Test
    void everyEventIsRecordedByFlightRecorder() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        try (RecordingStream stream = new RecordingStream();
                ScriptedBroker broker = ScriptedBroker.start()) {
            for (String name : List.of("Connect", "Close", "Blocked", "Retry", "Replay", "SlowConfirm")) {
                stream.enable("dev.holdfast." + name);
                stream.onEvent("dev.holdfast." + name, event -> events.add(name));
            }
            stream.startAsync();
            causeEveryEvent(broker);
            Await.until(
                    "all events",
                    () -> events.containsAll(List.of("Connect", "Close", "Blocked", "Retry", "Replay", "SlowConfirm")));
        }
    }

    private static void causeEveryEvent(ScriptedBroker broker) throws Exception {
        try (ScriptedBroker.Client client = broker.connect(broker.options().slowConfirm(Duration.ofNanos(1)))) {
            Producer producer =
                    client.connection().producer(p -> p.routingKey("q").retry());
            CompletableFuture<Confirmation> nacked = producer.publishAsync("nacked");
            client.link().nack(client.link().expectPublish().channel(), 1);
            client.link().ack(client.link().expectPublish().channel(), 2);
            nacked.get(10, TimeUnit.SECONDS);
            client.link().send(0, new ConnectionMethods.Blocked("memory"));
            client.link().send(0, ConnectionMethods.Unblocked.INSTANCE);
            CompletableFuture<Confirmation> lost = producer.publishAsync("lost");
            client.link().expectPublish();
            client.link().cut();
            ScriptedLink restored = broker.acceptRestored();
            restored.ack(restored.expectPublish().channel(), 1);
            lost.get(10, TimeUnit.SECONDS);
        }
    }
}
