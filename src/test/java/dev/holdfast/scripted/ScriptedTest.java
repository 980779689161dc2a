package dev.holdfast.scripted;

import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test with a {@link ScriptedBroker}, and the publish options that most of these tests use. */
abstract class ScriptedTest {
    static final RetryPolicy NO_DELAY = RetryPolicy.linear(Duration.ZERO, Duration.ZERO, Duration.ZERO);
    static final PublishOptions NO_RETRY = PublishOptions.to("", "q");
    static final PublishOptions WITH_RETRY = NO_RETRY.retry(NO_DELAY.maxRetries(5));

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
