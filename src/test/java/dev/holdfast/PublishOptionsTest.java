package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.internal.frame.MessageRecord;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishOptionsTest {
    private static final PublishOptions DEFAULTS = PublishOptions.defaults();
    private static final Exchange MEDIA = Exchange.direct("media");

    @Test
    void hasTheDocumentedDefaults() {
        assertThat(DEFAULTS.exchange()).isEmpty();
        assertThat(DEFAULTS.exchangeDefinition()).isNull();
        assertThat(DEFAULTS.routingKey()).isEmpty();
        assertThat(DEFAULTS.mandatory() || DEFAULTS.immediate()).isFalse();
        assertThat(DEFAULTS.serializer()).isNull();
        assertThat(DEFAULTS.retryPolicy()).isSameAs(RetryPolicy.none());
        assertThat(DEFAULTS.declarations()).isEmpty();
        assertThat(DEFAULTS.timeout()).isNull();
        assertThat(DEFAULTS.confirmTimeout()).isNull();
        assertThat(DEFAULTS.properties()).isEqualTo(MessageProperties.EMPTY.deliveryMode(2));
    }

    @Test
    void takesTheDeliveryModeThatIsClosest() {
        Exchange transientMessages = MEDIA.deliveryMode(1);

        assertThat(PublishOptions.to(MEDIA).deliveryMode()).isEqualTo(2);
        assertThat(PublishOptions.to(transientMessages).deliveryMode()).isEqualTo(1);
        assertThat(PublishOptions.to(transientMessages)
                        .deliveryMode(2)
                        .properties()
                        .deliveryMode())
                .isEqualTo(2);
        assertThat(PublishOptions.to(transientMessages).exchange("other").deliveryMode())
                .isEqualTo(2);
        assertThat(DEFAULTS.properties(MessageProperties.EMPTY.deliveryMode(1)).deliveryMode())
                .isEqualTo(1);
    }

    @Test
    void theEmptyNameIsAlwaysTheAnonExchange() {
        PublishOptions options = PublishOptions.to(MEDIA).exchange("");

        assertThat(options.exchange()).isEmpty();
        assertThat(options.exchangeDefinition()).isNull();
        assertThat(PublishOptions.to(MEDIA).exchangeDefinition()).isEqualTo(MEDIA);
        assertThat(PublishOptions.to("media", "video").routingKey()).isEqualTo("video");
    }

    @Test
    void setsEveryProperty() {
        MessageProperties properties = DEFAULTS.priority(9)
                .contentType("text/plain")
                .contentEncoding("utf-8")
                .header("a", 1)
                .header("b", null)
                .expiration(Duration.ofMillis(1500))
                .replyTo("answers")
                .correlationId("c")
                .messageId("m")
                .timestamp(Instant.ofEpochSecond(7, 999))
                .type("t")
                .userId("u")
                .appId("app")
                .clusterId("r")
                .properties();

        Map<String, Object> headers = new HashMap<>();
        headers.put("a", 1);
        headers.put("b", null);
        assertThat(properties)
                .isEqualTo(MessageProperties.EMPTY
                        .deliveryMode(2)
                        .priority(9)
                        .contentType("text/plain")
                        .contentEncoding("utf-8")
                        .headers(headers)
                        .expiration("1500")
                        .replyTo("answers")
                        .correlationId("c")
                        .messageId("m")
                        .timestamp(Instant.ofEpochSecond(7))
                        .type("t")
                        .userId("u")
                        .appId("app")
                        .reserved("r"));
    }

    @Test
    void unsetsWhatIsSetToNull() {
        PublishOptions options =
                DEFAULTS.priority(1).messageId("m").headers(Map.of("a", 1)).timeout(Duration.ofDays(1));

        assertThat(options.priority(null).messageId(null).headers(null).properties())
                .isEqualTo(DEFAULTS.properties());
        assertThat(options.timeout(null).timeout()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"PT10S,10000", "PT0.5S,500", "PT0.0009S,0", "PT0S,0"})
    void sendsExpirationInWholeMilliseconds(Duration expiration, String sent) {
        assertThat(DEFAULTS.expiration(expiration).properties().expiration()).isEqualTo(sent);
    }

    @Test
    void answersGoToAQueueThatHasAName() {
        assertThat(DEFAULTS.replyTo(Queue.of("answers")).properties().replyTo()).isEqualTo("answers");
        refused(() -> DEFAULTS.replyTo(Queue.serverNamed()), "replyTo: queue ''");
    }

    @Test
    void retryAloneTakesTheFiniteDefault() {
        assertThat(DEFAULTS.retry().retryPolicy()).isSameAs(RetryPolicy.defaultPolicy());
        assertThat(DEFAULTS.retry().noRetry().retryPolicy()).isSameAs(RetryPolicy.none());
    }

    @Test
    void anEndlessPolicyNeedsATimeout() {
        RetryPolicy endless = RetryPolicy.defaultPolicy().forever();

        refused(() -> DEFAULTS.retry(endless).requireBounded(), "retry: RetryPolicy{");
        assertThat(DEFAULTS.retry(endless).timeout(Duration.ofSeconds(1)).requireBounded())
                .isNotNull();
        assertThat(DEFAULTS.retry().requireBounded()).isNotNull();
    }

    @Test
    void declaresInTheOrderGiven() {
        Queue video = Queue.of("video", MEDIA, "video");

        assertThat(DEFAULTS.declare(video, MEDIA).declarations()).containsExactly(video, MEDIA);
        refused(() -> DEFAULTS.declare(Binding.of(MEDIA, "k")), "declare: binding 'media'");
    }

    @Test
    void copiesWhatItIsGiven() {
        Map<String, Object> headers = new HashMap<>(Map.of("a", 1));
        List<Declarable> declarations = new ArrayList<>(List.of(MEDIA));
        PublishOptions options = DEFAULTS.headers(headers).declare(declarations);
        headers.clear();
        declarations.clear();

        assertThat(options.properties().headers()).isEqualTo(Map.of("a", 1));
        assertThat(options.declarations()).containsExactly(MEDIA);
    }

    @Test
    void withersChangeACopy() {
        PublishOptions base = PublishOptions.to(MEDIA).header("a", 1);
        PublishOptions changed = base.header("b", 2).mandatory(true).serializer("json");

        assertThat(base.properties().headers()).isEqualTo(Map.of("a", 1));
        assertThat(changed.properties().headers()).isEqualTo(Map.of("a", 1, "b", 2));
        assertThat(base.mandatory()).isFalse();
        assertThat(changed.serializer()).isEqualTo("json");
        assertThat(changed.toString()).contains("exchange='media'", "mandatory=true");
    }

    @Test
    void refusesWhatNoFrameCanCarry() {
        String tooLong = "x".repeat(300);
        String shown = ": '" + "x".repeat(40) + "...', 300 bytes (expected: <= 255 bytes of UTF-8)";

        refused(() -> DEFAULTS.routingKey(tooLong), "routingKey" + shown);
        refused(() -> DEFAULTS.exchange(tooLong), "exchange" + shown);
        refused(() -> DEFAULTS.contentType(tooLong), "contentType" + shown);
        refused(() -> DEFAULTS.contentEncoding(tooLong), "contentEncoding" + shown);
        refused(() -> DEFAULTS.replyTo(tooLong), "replyTo" + shown);
        refused(() -> DEFAULTS.correlationId(tooLong), "correlationId" + shown);
        refused(() -> DEFAULTS.messageId(tooLong), "messageId" + shown);
        refused(() -> DEFAULTS.type(tooLong), "type" + shown);
        refused(() -> DEFAULTS.userId(tooLong), "userId" + shown);
        refused(() -> DEFAULTS.appId(tooLong), "appId" + shown);
        refused(() -> DEFAULTS.clusterId(tooLong), "clusterId" + shown);
        refused(() -> DEFAULTS.header(tooLong, 1), "headers key" + shown);
        refused(() -> DEFAULTS.properties(MessageProperties.EMPTY.appId(tooLong)), "appId" + shown);
        refused(() -> DEFAULTS.properties(MessageProperties.EMPTY.headers(Map.of(tooLong, 1))), "headers key" + shown);
        refused(() -> DEFAULTS.properties(MessageProperties.EMPTY.deliveryMode(0)), "deliveryMode: 0");
        refused(() -> DEFAULTS.deliveryMode(3), "deliveryMode: 3 (expected: 1 to 2)");
        refused(() -> DEFAULTS.priority(256), "priority: 256 (expected: 0 to 255)");
        refused(() -> DEFAULTS.expiration(Duration.ofMillis(-1)), "expiration: PT-0.001S");
        refused(() -> DEFAULTS.timeout(Duration.ZERO), "timeout: PT0S");
        refused(() -> DEFAULTS.confirmTimeout(Duration.ZERO), "confirmTimeout: PT0S");
    }

    private static void refused(Runnable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call::run).withMessageStartingWith(message);
    }

    @Test
    void theCompressionGoesIntoACopyOfTheHeadersAndIsEncodedOnce() {
        Map<String, Object> headers = new HashMap<>(Map.of("a", 1));
        PublishOptions options = DEFAULTS.headers(headers).compression("gzip");
        var template = options.template("application/json", "utf-8", "application/x-gzip");

        assertThat(options.template("application/json", "utf-8", "application/x-gzip"))
                .isSameAs(template);
        assertThat(options.template("application/json", "utf-8", null)).isNotSameAs(template);
        assertThat(options.compression()).isEqualTo("gzip");
        assertThat(options.sendsBytesUnchanged()).isFalse();
        assertThat(options.compression(null).sendsBytesUnchanged()).isTrue();
        assertThat(options.properties().headers()).isEqualTo(Map.of("a", 1));
        assertThat(headers).isEqualTo(Map.of("a", 1));
        ByteBuffer out = ByteBuffer.allocate(4096);
        template.encode(out, 1, new byte[] {9, 7, 9}, 1, 1, 4096);
        MessageRecord record = new MessageRecord(Unpooled.wrappedBuffer(out.array()), 0, out.position());
        assertThat(record.properties().headers()).isEqualTo(Map.of("a", 1, "compression", "application/x-gzip"));
        assertThat(record.bodyEquals(new byte[] {7})).isTrue();
    }
}
