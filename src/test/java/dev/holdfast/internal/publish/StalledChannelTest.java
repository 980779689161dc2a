package dev.holdfast.internal.publish;

import static dev.holdfast.internal.publish.ModelFixture.PLAIN;
import static dev.holdfast.internal.publish.ModelFixture.RETRIED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StalledChannelTest {
    private final ModelFixture fixture = new ModelFixture();

    @AfterEach
    void release() {
        fixture.release();
    }

    @Test
    void stallThatAnAnswerEndsDuringAPauseIsOverAfterIt() {
        ModelMessage late = fixture.publish(fixture.first, RETRIED.confirmTimeout(Duration.ofSeconds(1)));
        ModelMessage once = fixture.publish(fixture.first, PLAIN);
        fixture.pass(Duration.ofSeconds(1));
        ModelMessage unsent = fixture.publish(fixture.first, RETRIED);
        assertThat(unsent.received).isZero();

        fixture.first.publisher.pause("paused");
        fixture.confirmAll();
        fixture.assertConfirmed(late);
        fixture.assertConfirmed(once);
        fixture.pass(Duration.ofSeconds(1));
        fixture.first.publisher.pause(null);
        fixture.pass(Duration.ofSeconds(1));
        assertThat(unsent.received).isEqualTo(1);
        fixture.confirmAll();
        fixture.assertConfirmed(unsent);
    }
}
