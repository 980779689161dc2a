package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AmqpConnectionException.Initiator;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmqpExceptionTest {
    @Test
    void aChannelCloseQuotesTheReplyText() {
        AmqpChannelException closed =
                AmqpChannelException.closedByBroker(3, 404, "NOT_FOUND - no queue 'video' in vhost '/'", "queue.bind");

        assertThat(closed)
                .hasMessage("channel 3 closed by broker: 404 NOT_FOUND - no queue 'video' in vhost '/' (queue.bind)");
        assertThat(closed.channel()).isEqualTo(3);
        assertThat(closed.replyCode()).isEqualTo(404);
        assertThat(closed.failedMethod()).isEqualTo("queue.bind");
    }

    @Test
    void anEmptyReplyTextIsLeftOut() {
        assertThat(AmqpConnectionException.closedByBroker(542, "", "")).hasMessage("connection closed by broker: 542");
    }

    @ParameterizedTest
    @CsvSource({"311,true", "313,true", "405,true", "403,false", "404,false", "406,false", "999,false"})
    void someChannelClosesAreRecoverable(int code, boolean recoverable) {
        assertThat(AmqpChannelException.closedByBroker(1, code, "X", "").recoverable())
                .isEqualTo(recoverable);
    }

    @ParameterizedTest
    @CsvSource({"320,true", "506,true", "402,false", "501,false", "530,false", "540,false", "541,false", "542,false"})
    void someConnectionClosesAreRecoverable(int code, boolean recoverable) {
        AmqpConnectionException closed = AmqpConnectionException.closedByBroker(code, "X", "");

        assertThat(closed.recoverable()).isEqualTo(recoverable);
        assertThat(closed.initiator()).isEqualTo(Initiator.BROKER);
        assertThat(closed.replyCode()).isEqualTo(code);
    }

    @Test
    void theInitiatorOfAFailedConnectIsTheNetworkByDefault() {
        assertThat(new ConnectFailedException("refused", new IOException(), true).initiator())
                .isEqualTo(Initiator.NETWORK);
        assertThat(new ConnectFailedException("vhost", null, 530, Initiator.BROKER, false).replyCode())
                .isEqualTo(530);
        assertThat(new HeartbeatTimeoutException("silent").recoverable()).isTrue();
        assertThat(new AuthenticationFailedException("no", null).recoverable()).isFalse();
    }

    @Test
    void aFailedPublishIsAsRecoverableAsItsCause() {
        AmqpException lost = new AmqpConnectionException("lost", null, 0, Initiator.NETWORK, true);

        assertThat(new PublishException("x", lost, PublishException.DeliveryStatus.UNKNOWN).recoverable())
                .isTrue();
        assertThat(new PublishException("x", new IOException(), PublishException.DeliveryStatus.UNKNOWN).recoverable())
                .isFalse();
        assertThat(new PublishException("x", null, PublishException.DeliveryStatus.NOT_SENT).recoverable())
                .isFalse();
    }

    @Test
    void exhaustedRetriesHaveTheAttemptsAndTheLastFailure() {
        NackedException last = new NackedException("media", "video");

        RetriesExhaustedException exhausted =
                new RetriesExhaustedException(31, last, PublishException.DeliveryStatus.UNKNOWN);

        assertThat(exhausted).hasCause(last);
        assertThat(exhausted.attempts()).isEqualTo(31);
        assertThat(exhausted.delivery()).isEqualTo(PublishException.DeliveryStatus.UNKNOWN);
        assertThat(exhausted)
                .hasMessage("publish failed after 31 attempts: message nacked by broker (exchange 'media', routing key"
                        + " 'video')");
        assertThat(new RetriesExhaustedException(1, new IOException(), PublishException.DeliveryStatus.NOT_SENT))
                .hasMessage("publish failed after 1 attempt: java.io.IOException");
    }

    @Test
    void anUnroutableMessageNamesExchangeAndRoutingKey() {
        UnroutableException returned = new UnroutableException(312, "NO_ROUTE", "media", "video");

        assertThat(returned)
                .hasMessage("message returned by broker: 312 NO_ROUTE (exchange 'media', routing key 'video')");
        assertThat(returned.recoverable()).isFalse();
    }
}
