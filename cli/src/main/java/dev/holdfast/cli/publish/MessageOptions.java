package dev.holdfast.cli.publish;

import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import dev.holdfast.cli.common.KeyValue;
import dev.holdfast.cli.common.SecondsConverter;
import dev.holdfast.serialization.Compressor;
import dev.holdfast.serialization.CompressorRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options of {@code publish} for the message: format, properties and headers, retry and timeout. */
@Command
final class MessageOptions {
    @Option(
            names = "--serializer",
            paramLabel = "NAME",
            defaultValue = "json",
            description = {
                "json, text, raw: a line is a JSON document, UTF-8 text, or bytes; it is checked and sent unchanged."
                        + " yaml, msgpack, pickle: a line is a JSON document, converted to that format; Kombu's type"
                        + " envelopes, such as {\"__type__\":\"date\",\"__value__\":\"2026-01-31\"}, become values"
                        + " of that type. Default: ${DEFAULT-VALUE}"
            })
    private BodyFormat format = BodyFormat.JSON;

    @Option(
            names = "--compression",
            paramLabel = "NAME",
            description = "compress each body: gzip or zlib, bzip2 or bzip, lzma or xz, brotli, zstd or zstandard")
    private @Nullable String compression;

    @Option(
            names = "--property",
            paramLabel = "k=v",
            converter = KeyValue.Converter.class,
            description = {
                "a property: content-type, content-encoding, delivery-mode (1 or 2), priority, correlation-id,"
                        + " reply-to, expiration (ms), message-id, timestamp (ISO 8601 or seconds since 1970), type,"
                        + " user-id, app-id, cluster-id"
            })
    private List<KeyValue> properties = new ArrayList<>();

    @Option(
            names = "--header",
            paramLabel = "k=v",
            converter = KeyValue.Converter.class,
            description = "a header; true and false become booleans, integers numbers, any other value a string")
    private List<KeyValue> headers = new ArrayList<>();

    @Option(names = "--retry", description = "retry messages that are not confirmed, for outages of up to ten minutes")
    private boolean retry;

    @Option(
            names = "--max-retries",
            paramLabel = "N",
            description = "maximum retries of a message; implies --retry; default: 30, within 660 s")
    private @Nullable Integer maxRetries;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "time limit of one message in seconds, retries included")
    private @Nullable Duration timeout;

    BodyFormat format() {
        return format;
    }

    boolean retries() {
        return retry || maxRetries != null;
    }

    /**
     * Adds these settings to the publish options.
     *
     * @throws IllegalArgumentException if a name is unknown or a value is invalid
     * @throws dev.holdfast.SerializerNotInstalledException if a compressor is unknown or not available on this platform
     */
    PublishOptions apply(PublishOptions options) {
        if (compression != null) {
            Compressor unused = CompressorRegistry.standard().get(compression);
        }
        PublishOptions result = format.applyTo(options).compression(compression).timeout(timeout);
        for (KeyValue property : properties) {
            if (!format.sendsLineBytes() && property.key().startsWith("content-")) {
                throw new IllegalArgumentException("--property " + property.key() + ": with --serializer " + format
                        + " (expected: json, text or raw)");
            }
            format.checkProperty(property.key(), property.value());
            result = PropertyParser.setProperty(result, property.key(), property.value());
        }
        for (KeyValue header : headers) {
            result = result.header(header.key(), header.typedValue());
        }
        if (!retries()) {
            return result;
        }
        RetryPolicy policy = RetryPolicy.defaultPolicy();
        return result.retry(maxRetries == null ? policy : policy.maxRetries(maxRetries));
    }
}
