package dev.holdfast;

import static dev.holdfast.InvalidArguments.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;

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
    void defaultsAreTheDocumentedOnes() {
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
    void theDeliveryModeOfTheOptionsOverridesTheExchange() {
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
    void everyPropertyIsSet() {
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
    void nullUnsetsAValue() {
        PublishOptions options =
                DEFAULTS.priority(1).messageId("m").headers(Map.of("a", 1)).timeout(Duration.ofDays(1));

        assertThat(options.priority(null).messageId(null).headers(null).properties())
                .isEqualTo(DEFAULTS.properties());
        assertThat(options.headers(Map.of()).properties())
                .isEqualTo(options.headers(null).properties());
        assertThat(options.timeout(null).timeout()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"PT10S,10000", "PT0.5S,500", "PT0.0009S,0", "PT0S,0"})
    void expirationIsSentInWholeMilliseconds(Duration expiration, String sent) {
        assertThat(DEFAULTS.expiration(expiration).properties().expiration()).isEqualTo(sent);
    }

    @Test
    void replyToNeedsAQueueWithAName() {
        assertThat(DEFAULTS.replyTo(Queue.of("answers")).properties().replyTo()).isEqualTo("answers");
        assertInvalid(() -> DEFAULTS.replyTo(Queue.serverNamed()), "replyTo: queue ''");
    }

    @Test
    void retryWithoutAPolicyUsesTheFiniteDefault() {
        assertThat(DEFAULTS.retry().retryPolicy()).isSameAs(RetryPolicy.defaultPolicy());
        assertThat(DEFAULTS.retry().noRetry().retryPolicy()).isSameAs(RetryPolicy.none());
    }

    @Test
    void anEndlessPolicyNeedsATimeout() {
        RetryPolicy endless = RetryPolicy.defaultPolicy().forever();

        assertInvalid(() -> DEFAULTS.retry(endless).requireBounded(), "retry: RetryPolicy{");
        assertThat(DEFAULTS.retry(endless).timeout(Duration.ofSeconds(1)).requireBounded())
                .isNotNull();
        assertThat(DEFAULTS.retry().requireBounded()).isNotNull();
    }

    @Test
    void declarationsKeepTheirOrder() {
        Queue video = Queue.of("video", MEDIA, "video");

        assertThat(DEFAULTS.declare(video, MEDIA).declarations()).containsExactly(video, MEDIA);
        assertInvalid(() -> DEFAULTS.declare(Binding.of(MEDIA, "k")), "declare: binding 'media'");
    }

    @Test
    void headersAndDeclarationsAreCopied() {
        Map<String, Object> headers = new HashMap<>(Map.of("a", 1));
        List<Declarable> declarations = new ArrayList<>(List.of(MEDIA));
        PublishOptions options = DEFAULTS.headers(headers).declare(declarations);
        headers.clear();
        declarations.clear();

        assertThat(options.properties().headers()).isEqualTo(Map.of("a", 1));
        assertThat(options.declarations()).containsExactly(MEDIA);
    }

    @Test
    void withersReturnACopy() {
        PublishOptions base = PublishOptions.to(MEDIA).header("a", 1);
        PublishOptions changed = base.header("b", 2).mandatory(true).serializer("json");

        assertThat(base.properties().headers()).isEqualTo(Map.of("a", 1));
        assertThat(changed.properties().headers()).isEqualTo(Map.of("a", 1, "b", 2));
        assertThat(base.mandatory()).isFalse();
        assertThat(changed.serializer()).isEqualTo("json");
        assertThat(changed.toString()).contains("exchange='media'", "mandatory=true");
    }

    @Test
    void invalidValuesAreRefused() {
        String tooLong = "x".repeat(300);
        String shown = ": '" + "x".repeat(40) + "...', 300 bytes (expected: <= 255 bytes of UTF-8)";

        assertInvalid(() -> DEFAULTS.routingKey(tooLong), "routingKey" + shown);
        assertInvalid(() -> DEFAULTS.exchange(tooLong), "exchange" + shown);
        assertInvalid(() -> DEFAULTS.contentType(tooLong), "contentType" + shown);
        assertInvalid(() -> DEFAULTS.contentEncoding(tooLong), "contentEncoding" + shown);
        assertInvalid(() -> DEFAULTS.replyTo(tooLong), "replyTo" + shown);
        assertInvalid(() -> DEFAULTS.correlationId(tooLong), "correlationId" + shown);
        assertInvalid(() -> DEFAULTS.messageId(tooLong), "messageId" + shown);
        assertInvalid(() -> DEFAULTS.type(tooLong), "type" + shown);
        assertInvalid(() -> DEFAULTS.userId(tooLong), "userId" + shown);
        assertInvalid(() -> DEFAULTS.appId(tooLong), "appId" + shown);
        assertInvalid(() -> DEFAULTS.clusterId(tooLong), "clusterId" + shown);
        assertInvalid(() -> DEFAULTS.header(tooLong, 1), "headers key" + shown);
        assertInvalid(() -> DEFAULTS.properties(MessageProperties.EMPTY.appId(tooLong)), "appId" + shown);
        assertInvalid(
                () -> DEFAULTS.properties(MessageProperties.EMPTY.headers(Map.of(tooLong, 1))), "headers key" + shown);
        assertInvalid(() -> DEFAULTS.properties(MessageProperties.EMPTY.deliveryMode(0)), "deliveryMode: 0");
        assertInvalid(() -> DEFAULTS.deliveryMode(3), "deliveryMode: 3 (expected: 1 to 2)");
        assertInvalid(() -> DEFAULTS.priority(256), "priority: 256 (expected: 0 to 255)");
        assertInvalid(() -> DEFAULTS.expiration(Duration.ofMillis(-1)), "expiration: PT-0.001S");
        assertInvalid(() -> DEFAULTS.timeout(Duration.ZERO), "timeout: PT0S");
        assertInvalid(() -> DEFAULTS.confirmTimeout(Duration.ZERO), "confirmTimeout: PT0S");
    }

    @Test
    void compressionIsAddedToACopyOfTheHeadersAndEncodedOnce() {
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
