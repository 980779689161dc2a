package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogLines;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

/** How often messages that cannot be decoded are logged. */
class RejectUndecodableTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final RejectUndecodable policy = new RejectUndecodable(nanos::get);

    @Test
    void othersAreCountedAndLoggedOnceAMinuteAndAtTheEnd() {
        try (LogLines log = new LogLines()) {
            fail(3);
            assertThat(warnings(log, "cannot be decoded and is rejected")).hasSize(1);
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(59));
            fail(1);
            assertThat(warnings(log, "decoded")).hasSize(1);
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            fail(2);
            assertThat(warnings(log, "; 3 more since the last warning")).hasSize(1);
            policy.end();
            policy.end();
            assertThat(warnings(log, "1 more messages could not be decoded")).hasSize(1);
            assertThat(warnings(log, "decoded")).hasSize(3);
        }
    }

    private static List<String> warnings(LogLines log, String text) {
        return log.lines(Level.WARNING)
                .lines()
                .filter(line -> line.contains(text))
                .toList();
    }

    private void fail(int times) {
        Delivery delivery = new Delivery("c", 1, false, "", "q", MessageProperties.EMPTY, new byte[0], 1, -1);
        Message message = new Message(null, delivery, true, null, null); // settling does nothing without acks
        for (int i = 0; i < times; i++) {
            policy.failed(message, new DecodeException("malformed", null));
        }
    }
}
