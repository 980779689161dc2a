package dev.holdfast.scripted;

import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test with a {@link ScriptedBroker}, and the publish options that most of these tests use. */
abstract class ScriptedTest {
    static final RetryPolicy AT_ONCE = RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    static final PublishOptions ONCE = PublishOptions.to("", "q");
    static final PublishOptions AGAIN = ONCE.retry(AT_ONCE.maxRetries(5));

    ScriptedBroker broker;

    @BeforeEach
    final void listen() throws IOException {
        broker = ScriptedBroker.start();
    }

    @AfterEach
    final void stopListening() throws IOException {
        broker.close();
    }
}
