package dev.holdfast.internal.publish;

import static dev.holdfast.internal.publish.ModelFixture.RETRIED;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The outstanding message ends without an answer of the broker: the next close may still be for that message. */
class StopAndWaitTimeoutTest {
    private final ModelFixture fixture = new ModelFixture();

    @AfterEach
    void release() {
        fixture.release();
    }

    @Test
    void closeAfterATimeoutIsNotAttributedToTheNextMessage() {
        ModelMessage slow = fixture.publish(fixture.first, RETRIED.timeout(Duration.ofSeconds(1)));
        ModelMessage next = fixture.publish(fixture.second, RETRIED);
        searchFromFirst(slow, next);
        fixture.pass(Duration.ofSeconds(1));
        assertThat(slow.isDone()).isTrue();
        assertNotBlamed(next);
    }

    @Test
    void closeAfterALateConfirmIsNotAttributedToTheNextMessage() {
        ModelMessage slow = fixture.publish(fixture.first, RETRIED.confirmTimeout(Duration.ofSeconds(1)));
        ModelMessage next = fixture.publish(fixture.second, RETRIED);
        searchFromFirst(slow, next);
        fixture.pass(Duration.ofSeconds(1));
        assertThat(slow.isDone()).isFalse();
        assertNotBlamed(next);
    }

    @Test
    void closeAfterAChannelWasClosedIsNotAttributedToTheNextMessage() {
        ModelMessage slow = fixture.publish(fixture.first, RETRIED);
        ModelMessage next = fixture.publish(fixture.second, RETRIED);
        searchFromFirst(slow, next);
        fixture.first.close();
        fixture.turn();
        assertThat(slow.isDone()).isTrue();
        assertNotBlamed(next);
    }

    /** Sends the first message alone on the next link. */
    private void searchFromFirst(ModelMessage slow, ModelMessage next) {
        fixture.closeLink();
        fixture.openLink();
        assertThat(slow.received).isEqualTo(2);
        assertThat(next.received).isEqualTo(1);
    }

    private void assertNotBlamed(ModelMessage next) {
        assertThat(next.received).isEqualTo(2);
        fixture.closeLink();
        assertThat(next.isDone()).as("%s", next).isFalse();
        fixture.openLink();
        fixture.confirmAll();
        fixture.assertConfirmed(next);
    }
}
