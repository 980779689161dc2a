package dev.holdfast.cli.publish;

import dev.holdfast.Exchange;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where messages go, and what is made for that. */
@Command
public final class TargetOptions {
    @Option(
            names = "--exchange",
            paramLabel = "X",
            description = "the exchange; none: the one that routes to the queue named by the routing key")
    private @Nullable String exchange;

    @Option(
            names = "--exchange-type",
            paramLabel = "T",
            description = "make the exchange, of this type: direct (the default with --queue), topic, fanout, headers")
    private @Nullable String exchangeType;

    @Option(
            names = "--routing-key",
            paramLabel = "K",
            description = "the routing key, of the binding too; default: the name of the queue, else empty")
    private @Nullable String routingKey;

    @Option(
            names = "--queue",
            paramLabel = "Q",
            description = "make this durable queue, and with --exchange the exchange and the binding between them")
    private @Nullable String queue;

    @Option(names = "--mandatory", description = "a message that no queue takes comes back and counts as returned")
    private boolean mandatory;

    /** Whether there is one. */
    public boolean isSpecified() {
        return exchange != null || queue != null || routingKey != null;
    }

    /**
     * Adds the target to the options.
     *
     * @throws IllegalArgumentException if the options do not fit together
     */
    public PublishOptions apply(PublishOptions options) {
        boolean toDefaultExchange = exchange == null || exchange.isEmpty();
        if (!isSpecified()) {
            throw new IllegalArgumentException("no target (expected: --queue, --exchange or --routing-key)");
        }
        if (toDefaultExchange && exchangeType != null) {
            throw new IllegalArgumentException(
                    "--exchange-type: " + exchangeType + " (expected: an --exchange with it)");
        }
        String key = routingKey != null ? routingKey : queue != null ? queue : "";
        if (toDefaultExchange && queue != null && !key.equals(queue)) {
            throw new IllegalArgumentException(
                    "--routing-key: " + key + " (expected: " + queue + ", the queue's name, or an --exchange)");
        }
        PublishOptions result = options.routingKey(key).mandatory(mandatory);
        return toDefaultExchange ? toQueue(result, key) : toExchange(result, String.valueOf(exchange), key);
    }

    private PublishOptions toQueue(PublishOptions options, String key) {
        return queue == null ? options : options.declare(Queue.of(key));
    }

    private PublishOptions toExchange(PublishOptions options, String name, String key) {
        if (queue == null && exchangeType == null) {
            return options.exchange(name);
        }
        Exchange declared = Exchange.of(name, exchangeType == null ? "direct" : exchangeType);
        PublishOptions result = options.exchange(declared);
        return queue == null ? result.declare(declared) : result.declare(Queue.of(queue, declared, key));
    }
}
