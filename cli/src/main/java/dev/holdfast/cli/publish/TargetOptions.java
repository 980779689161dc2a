package dev.holdfast.cli.publish;

import dev.holdfast.Exchange;
import dev.holdfast.PublishOptions;
import dev.holdfast.Queue;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Options for the target of messages: exchange, routing key and queue, and what of them is declared. */
@Command
public final class TargetOptions {
    @Option(
            names = "--exchange",
            paramLabel = "X",
            description = "exchange; default: the default exchange, which routes to the queue named by the routing key")
    private @Nullable String exchange;

    @Option(
            names = "--exchange-type",
            paramLabel = "T",
            description =
                    "declare the exchange with this type: direct (the default with --queue), topic, fanout, headers")
    private @Nullable String exchangeType;

    @Option(
            names = "--routing-key",
            paramLabel = "K",
            description = "routing key, also of the binding; default: the name of the queue, else empty")
    private @Nullable String routingKey;

    @Option(
            names = "--queue",
            paramLabel = "Q",
            description = "declare this durable queue, and with --exchange the exchange and their binding")
    private @Nullable String queue;

    @Option(
            names = "--mandatory",
            description = "the broker returns a message that is routed to no queue; it counts as returned")
    private boolean mandatory;

    /** Sets the queue, for a further name of the option. */
    public void setQueue(String queue) {
        this.queue = queue;
    }

    /** Returns whether an exchange, a queue or a routing key is given. */
    public boolean isSpecified() {
        return exchange != null || queue != null || routingKey != null;
    }

    /**
     * Adds the target to the publish options.
     *
     * @throws IllegalArgumentException if no target is given or the options conflict
     */
    public PublishOptions apply(PublishOptions options) {
        boolean toDefaultExchange = exchange == null || exchange.isEmpty();
        if (!isSpecified()) {
            throw new IllegalArgumentException("no target (expected: --queue, --exchange or --routing-key)");
        }
        if (toDefaultExchange && exchangeType != null) {
            throw new IllegalArgumentException(
                    "--exchange-type: " + exchangeType + " (expected: together with --exchange)");
        }
        String key = routingKey != null ? routingKey : queue != null ? queue : "";
        if (toDefaultExchange && queue != null && !key.equals(queue)) {
            throw new IllegalArgumentException("--routing-key: " + key + " (expected: " + queue
                    + ", the name of the queue, or together with --exchange)");
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
