package dev.holdfast.scripted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Walks the tables of docs/limits.md: fills what each row limits, with a counterpart that is slow or dead. */
class LimitsTest extends ScriptedTest {
    /** A row of the tables, by its first column. */
    private enum Row {
        DELIVERIES("deliveries", CallbackLimits::deliveries),
        RETURNS("returned messages", CallbackLimits::returnedMessages),
        OUTCOMES("outcomes for `completionExecutor`", CallbackLimits::outcomes),
        CALLBACKS("other callbacks (`cancelled`, `onDeclared`)", CallbackLimits::otherCallbacks),
        EVENTS("events for the listener", CallbackLimits::events),
        DELIVERIES_DURING_CLOSE("deliveries during a close", CallbackLimits::deliveriesDuringClose),
        UNCONFIRMED_MESSAGES("unconfirmed messages", PublisherLimits::unconfirmedMessages),
        UNCONFIRMED_BYTES("unconfirmed bytes", PublisherLimits::unconfirmedBytes),
        BYTES_WITHOUT_CONFIRM("bytes of `Channel.publish`", PublisherLimits::bytesWithoutConfirm),
        CONTROL_FRAMES("acks and other control frames", PublisherLimits::controlFrames),
        CALLS("calls of a channel", PublisherLimits::calls),
        EQUAL_DECLARATIONS("equal declarations", PublisherLimits::equalDeclarations),
        SECRETS("requests of `updateSecret`", PublisherLimits::secrets),
        CHANNELS("channels", PublisherLimits::channels),
        POOLED_RESOURCES("resources of a pool", PublisherLimits::pooledResources),
        CLOSED_CHANNELS("closed channels", PublisherLimits::closedChannels),
        MESSAGE("a message that is being received", BrokerLimits::message),
        MESSAGES_OF_ALL_CHANNELS(
                "messages that are being received on all channels", BrokerLimits::messagesOfAllChannels),
        FRAME("a frame", BrokerLimits::frame),
        QUARANTINE("requests that ended connections", BrokerLimits::quarantinedRequests),
        SOCKETS("sockets that wait for the broker to close them", BrokerLimits::sockets),
        LOOKUPS("lookups of names and credentials", BrokerLimits::lookups);

        private final String kept;

        @SuppressWarnings("ImmutableEnumChecker") // each is a method reference
        private final Filling filling;

        Row(String kept, Filling filling) {
            this.kept = kept;
            this.filling = filling;
        }
    }

    /** Fills what a row limits, and asserts that the limit holds. */
    @FunctionalInterface
    private interface Filling {
        void fill(ScriptedBroker broker) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void limitHolds(Row row) throws Exception {
        row.filling.fill(broker);
    }

    @Test
    void theTablesHaveTheseRows() throws IOException {
        Path page = Path.of("../docs/limits.md");
        List<String> rows = Files.readString(Files.exists(page) ? page : Path.of("docs/limits.md"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| kept |"))
                .map(line -> line.substring(2, line.indexOf(" | ")))
                .toList();
        assertThat(Stream.of(Row.values()).map(row -> row.kept)).containsExactlyElementsOf(rows);
    }
}
