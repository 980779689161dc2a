package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.Consumer;
import dev.holdfast.MessageProperties;
import dev.holdfast.SerializerNotInstalledException;
import dev.holdfast.internal.protocol.BasicMethods;
import dev.holdfast.scripted.ScriptedBroker.Client;
import dev.holdfast.serialization.Serializer;
import dev.holdfast.serialization.SerializerRegistry;
import dev.holdfast.testing.LogLines;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** Messages that cannot be decoded or handled: whether the broker continues to deliver, and what is logged. */
class UndecodableMessagesTest extends ScriptedConsumerTest {
    private static final int PREFETCH = 250;

    @Test
    void prefetchOfUndecodableMessagesIsFreedWithOneWarning() throws Exception {
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> messages.add(message));
            ScriptedConsumer started = start(client, consumer);
            for (int tag = 1; tag <= PREFETCH; tag++) {
                started.deliver(tag, JSON, "{");
            }
            for (int tag = 1; tag <= PREFETCH; tag++) {
                assertThat(client.link().expect(BasicMethods.Reject.class).method())
                        .isEqualTo(new BasicMethods.Reject(tag, false));
            }
            assertThat(warnings(log, "cannot be decoded"))
                    .singleElement()
                    .asString()
                    .contains("deliveryTag=1,");
            assertThat(warnings(log, "prefetch")).isEmpty();
        }
    }

    /** All messages of the format would be lost, although nothing is wrong with them. */
    @Test
    void messageWhoseLibraryIsAbsentStaysUnacknowledged() throws Exception {
        SerializerRegistry serializers = SerializerRegistry.standard().with("absent", new AbsentSerializer());
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options().serializers(serializers))) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> messages.add(message));
            ScriptedConsumer started = start(client, consumer);
            started.deliver(1, MessageProperties.EMPTY.contentType("application/x-absent"), "x");
            started.deliver(2, JSON, "1");
            nextMessage().ack();
            assertThat(client.link().expect(BasicMethods.Ack.class).method().deliveryTag())
                    .isEqualTo(2);
            assertThat(warnings(log, "stays unacknowledged, since a library is absent"))
                    .hasSize(1);
        }
    }

    @Test
    void usedUpPrefetchIsLoggedOnce() throws Exception {
        try (LogLines log = new LogLines();
                Client client = broker.connect(broker.options())) {
            Consumer consumer = open(client, o -> o.autoDeclare(false), AUDIO)
                    .callback((payload, message) -> {
                        messages.add(message);
                        if ("acknowledged".equals(payload)) {
                            message.ack();
                        }
                        throw new IOException("of the callback's own");
                    })
                    .onDecodeError((message, error) -> messages.add(message));
            ScriptedConsumer started = start(client, consumer);
            for (int tag = 1; tag < PREFETCH; tag++) {
                started.deliver(tag, JSON, tag % 2 == 0 ? "{" : "1");
            }
            started.deliver(PREFETCH, JSON, "\"acknowledged\"");
            for (int tag = 1; tag <= PREFETCH; tag++) {
                assertThat(nextMessage().deliveryTag()).isEqualTo(tag);
            }
            assertThat(client.link().expect(BasicMethods.Ack.class).method().deliveryTag())
                    .isEqualTo(PREFETCH);
            started.deliver(PREFETCH + 1, JSON, "1");
            started.deliver(PREFETCH + 2, JSON, "\"acknowledged\"");
            nextMessage();
            nextMessage();
            assertThat(warnings(log, "as many as the prefetch"))
                    .singleElement()
                    .asString()
                    .contains("consumer of queue 'audio': the handling of 250 unacknowledged messages failed");
        }
    }

    private static List<String> warnings(LogLines log, String text) {
        return log.lines(Level.WARNING)
                .lines()
                .filter(line -> line.contains(text))
                .toList();
    }

    private static final class AbsentSerializer implements Serializer {
        @Override
        public String contentType() {
            return "application/x-absent";
        }

        @Override
        public Optional<String> contentEncoding() {
            return Optional.empty();
        }

        @Override
        public byte[] serialize(Object body) {
            return new byte[0];
        }

        @Override
        public Object deserialize(byte[] body) {
            throw new SerializerNotInstalledException("absent", new NoClassDefFoundError("a/Library"));
        }
    }
}
