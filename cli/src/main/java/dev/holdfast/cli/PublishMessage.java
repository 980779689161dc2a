package dev.holdfast.cli;

import dev.holdfast.PublishOptions;
import dev.holdfast.RetryPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What the messages are, what they say of themselves, and how hard to try. */
@Command
final class PublishMessage {
    @Option(
            names = "--serializer",
            paramLabel = "json|text|raw",
            defaultValue = "json",
            description = {
                "what a line is: a JSON document, text in UTF-8, or bytes; default: ${DEFAULT-VALUE}.",
                "A line is checked and its own bytes are sent"
            })
    private BodyFormat format = BodyFormat.JSON;

    @Option(
            names = "--property",
            paramLabel = "k=v",
            description = {
                "a property: content-type, content-encoding, delivery-mode (1 or 2), priority, correlation-id,"
                        + " reply-to, expiration (ms), message-id, timestamp (ISO 8601 or seconds since 1970), type,"
                        + " user-id, app-id, cluster-id"
            })
    private Map<String, String> properties = new LinkedHashMap<>();

    @Option(
            names = "--header",
            paramLabel = "k=v",
            description = "a header; true and false are booleans, whole numbers are numbers, anything else is text")
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(names = "--retry", description = "send again what was not confirmed, through outages of ten minutes")
    private boolean retry;

    @Option(
            names = "--max-retries",
            paramLabel = "N",
            description = "the most retries of a message; implies --retry; default: 30, within 660 s")
    private @Nullable Integer maxRetries;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            converter = SecondsConverter.class,
            description = "the longest that one message may take, retries included, in seconds")
    private @Nullable Duration timeout;

    BodyFormat format() {
        return format;
    }

    boolean retries() {
        return retry || maxRetries != null;
    }

    /**
     * Adds all this to the options.
     *
     * @throws IllegalArgumentException if a name is unknown or a value is wrong
     */
    PublishOptions apply(PublishOptions options) {
        PublishOptions result = format.describe(options).timeout(timeout);
        for (Map.Entry<String, String> property : properties.entrySet()) {
            result = PropertyNames.set(result, property.getKey(), property.getValue());
        }
        for (Map.Entry<String, String> header : headers.entrySet()) {
            result = result.header(header.getKey(), PropertyNames.headerValue(header.getValue()));
        }
        if (!retries()) {
            return result;
        }
        RetryPolicy policy = RetryPolicy.defaultPolicy();
        return result.retry(maxRetries == null ? policy : policy.maxRetries(maxRetries));
    }
}
