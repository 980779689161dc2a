package dev.holdfast.internal.publish;

import static dev.holdfast.internal.publish.ModelFixture.PLAIN;
import static dev.holdfast.internal.publish.ModelFixture.RETRIED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException;
import dev.holdfast.AmqpConnectionException.Initiator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The link is lost while a channel closes on which messages were sent. */
class ClosingChannelTest {
    private final ModelFixture fixture = new ModelFixture();

    @AfterEach
    void release() {
        fixture.release();
    }

    @Test
    void messagesOfAClosingChannelAreInDoubtWhenTheLinkIsLost() {
        ModelMessage once = fixture.publish(fixture.first, PLAIN);
        ModelMessage retried = fixture.publish(fixture.first, RETRIED);
        fixture.first.publisher.hold();
        fixture.client.loseLink(new AmqpConnectionException("lost", null, 0, Initiator.CLIENT, true));
        fixture.turn();
        assertThat(once.future).isCompletedExceptionally();
        fixture.openLink();
        fixture.confirmAll();
        fixture.assertConfirmed(retried);
        assertThat(retried.received).isEqualTo(2);
    }

    @Test
    void messagesOfAClosingChannelAreRetriedWhenTheBrokerClosesTheConnection() {
        ModelMessage retried = fixture.publish(fixture.first, RETRIED);
        fixture.first.publisher.hold();
        fixture.closeLink();
        fixture.openLink();
        fixture.turn();
        fixture.confirmAll();
        fixture.assertConfirmed(retried);
        assertThat(retried.received).isEqualTo(2);
    }
}
