package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({"localhost,5672,localhost:5672", "10.0.0.1,1,10.0.0.1:1", "::1,5672,[::1]:5672", "[::1],0,[::1]:0"})
    void anAddressFormatsIpv6InBrackets(String host, int port, String text) {
        assertThat(new Address(host, port)).hasToString(text);
    }

    @Test
    void theConfirmationOfOneAttemptIsShared() {
        assertThat(Confirmation.of(1)).isSameAs(Confirmation.ONE);
        assertThat(Confirmation.of(3).attempts()).isEqualTo(3);
        assertThatIllegalArgumentException().isThrownBy(() -> Confirmation.of(0));
    }

    @Test
    void aDeliveryReturnsItsFields() {
        byte[] body = {1, 2};
        Delivery delivery = new Delivery("tag", 7, true, "media", "video", MessageProperties.EMPTY, body, 3, -1);

        assertThat(delivery.consumerTag()).isEqualTo("tag");
        assertThat(delivery.deliveryTag()).isEqualTo(7);
        assertThat(delivery.redelivered()).isTrue();
        assertThat(delivery.exchange()).isEqualTo("media");
        assertThat(delivery.routingKey()).isEqualTo("video");
        assertThat(delivery.body()).isSameAs(body);
        assertThat(delivery.epoch()).isEqualTo(3);
        assertThat(delivery.messageCount()).isEqualTo(-1);
        assertThat(delivery.toString()).contains("deliveryTag=7", "2 bytes");
    }

    @Test
    void aReturnedMessageReturnsItsFields() {
        ReturnedMessage returned =
                new ReturnedMessage(312, "NO_ROUTE", "media", "video", MessageProperties.EMPTY, new byte[5]);

        assertThat(returned.replyCode()).isEqualTo(312);
        assertThat(returned.toString()).contains("312 NO_ROUTE", "5 bytes");
    }

    @Test
    void consumeOptionsHaveTheirDefaultsAndWithers() {
        ConsumeOptions defaults = ConsumeOptions.defaults();

        assertThat(defaults.prefetch()).isEqualTo(250);
        assertThat(defaults.noAck() || defaults.exclusive()).isFalse();
        assertThat(defaults.consumerTag()).isEmpty();
        ConsumeOptions changed = defaults.noAck(true)
                .exclusive(true)
                .consumerTag("c")
                .arguments(Map.of("a", 1))
                .argument("x-priority", 5)
                .prefetch(0);
        assertThat(changed.noAck() && changed.exclusive()).isTrue();
        assertThat(changed.arguments()).isEqualTo(Map.of("a", 1, "x-priority", 5));
        assertThat(changed.toString()).contains("prefetch=0", "consumerTag='c'");
        assertInvalid(() -> defaults.prefetch(65536), "prefetch: 65536 (expected: 0 to 65535)");
    }

    @Test
    void propertiesCompareTheContentsOfTheirHeaders() {
        Supplier<MessageProperties> create = () -> MessageProperties.EMPTY.headers(Map.of(
                "a", new byte[] {1}, "list", List.of(new byte[] {2}, Map.of("deep", new byte[] {3}))));
        assertThat(create.get()).isEqualTo(create.get()).hasSameHashCodeAs(create.get());
        for (byte[] other : List.of(new byte[] {2}, new byte[0])) {
            assertThat(MessageProperties.EMPTY.headers(Map.of("a", new byte[] {1})))
                    .isNotEqualTo(MessageProperties.EMPTY.headers(Map.of("a", other)))
                    .isNotEqualTo(MessageProperties.EMPTY.headers(Map.of("b", new byte[] {1})))
                    .isNotEqualTo(MessageProperties.EMPTY);
        }
    }
}
