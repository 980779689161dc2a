package dev.holdfast.cli.consume;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.DecodeException;
import dev.holdfast.Delivery;
import dev.holdfast.MessageProperties;
import dev.holdfast.cli.common.FailureLog;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.serialization.Accept;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class UndecodedMessagesTest {
    private final DecodeException reason = new DecodeException("message cannot be read: nesting", null);

    @Test
    void messageThatCannotBeReadIsReportedWithTheReason() throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errors = new PrintStream(err, true, UTF_8);
        Streams streams = new Streams(InputStream.nullInputStream(), OutputStream.nullOutputStream(), errors, false);
        UndecodedMessages undecoded = new UndecodedMessages(new FailureLog(streams, null));
        Delivery delivery = new Delivery("tag", 1, false, "x", "k", MessageProperties.EMPTY, new byte[3], 1, -1);
        undecoded.received(delivery);
        undecoded.report(delivery.with(1, null, new byte[3], reason), reason);
        undecoded.report(delivery.with(2, MessageProperties.EMPTY, null, reason), reason);
        assertThat(undecoded.unacknowledged()).isEqualTo(2);
        assertThat(err.toString(UTF_8))
                .contains("message 1 (exchange 'x', routing key 'k', not readable, 3 bytes): message cannot be read")
                .contains("message 2 (exchange 'x', routing key 'k', not readable, 0 bytes): message cannot be read");
    }

    @Test
    void everyFormatRefusesAMessageThatCannotBeRead() {
        Delivery readable = new Delivery("tag", 1, false, "x", "k", MessageProperties.EMPTY, new byte[3], 1, -1);
        Delivery unreadable = readable.with(1, null, new byte[3], reason);
        for (Accept accept : new Accept[] {Accept.safe(), Accept.only("json")}) {
            assertThatThrownBy(() -> new JsonFormatter(new BodyReader(), accept).format(unreadable))
                    .hasMessage(reason.getMessage());
            assertThatThrownBy(() -> new ValueFormatter(new BodyReader(), accept).format(unreadable))
                    .hasMessage(reason.getMessage());
        }
    }
}
