package dev.holdfast.cli.topology;

import dev.holdfast.Binding;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Exchange;
import dev.holdfast.Queue;
import dev.holdfast.cli.common.Connections;
import dev.holdfast.cli.common.KeyValue;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code declare}: a queue, an exchange, or both with their binding. */
@Command(
        name = "declare",
        header = "Declare a queue, an exchange, or a queue with its binding to an exchange.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "What exists with the same properties is left as it is; with others, the exit code is 1.",
            "",
            "A quorum queue whose oldest messages expire after a minute:",
            "  holdfast declare --queue video --type quorum --argument x-message-ttl=60000",
            "A topic exchange:",
            "  holdfast declare --exchange media --exchange-type topic",
            "A queue, and its binding to an exchange that exists:",
            "  holdfast declare --queue video --exchange amq.topic --routing-key 'video.#'",
            "A binding to a headers exchange:",
            "  holdfast declare --queue video --exchange amq.headers --binding-argument x-match=all \\",
            "      --binding-argument kind=video"
        })
public final class DeclareCommand implements Callable<Integer> {
    /** The types of queues that RabbitMQ has. */
    enum QueueType {
        CLASSIC,
        QUORUM,
        STREAM
    }

    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(names = "--queue", paramLabel = "Q", description = "declare this queue")
    private @Nullable String queue;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "type of the queue: classic, quorum, stream; default: that of the virtual host")
    private @Nullable QueueType type;

    @Option(
            names = "--exchange",
            paramLabel = "X",
            description = "without --queue, declare this exchange; with it, bind the queue to this exchange, which is"
                    + " declared if --exchange-type is given")
    private @Nullable String exchange;

    @Option(
            names = "--exchange-type",
            paramLabel = "T",
            description = "direct, topic, fanout, headers, or that of a plugin; default: direct")
    private @Nullable String exchangeType;

    @Option(
            names = "--routing-key",
            paramLabel = "K",
            description = "routing key of the binding; default: the name of the queue")
    private @Nullable String routingKey;

    @Option(
            names = "--durable",
            paramLabel = "true|false",
            arity = "1",
            defaultValue = "true",
            description = "whether what is declared survives a restart of the broker; default: ${DEFAULT-VALUE}")
    private boolean durable = true;

    @Option(
            names = "--auto-delete",
            description = "delete the queue after its last consumer, or the exchange, without --queue, after its last"
                    + " binding")
    private boolean autoDelete;

    @Option(
            names = "--argument",
            paramLabel = "k=v",
            converter = KeyValue.Converter.class,
            description = "an argument of the queue, or of the exchange without --queue; true and false become"
                    + " booleans, integers numbers, any other value a string")
    private List<KeyValue> arguments = new ArrayList<>();

    @Option(
            names = "--binding-argument",
            paramLabel = "k=v",
            converter = KeyValue.Converter.class,
            description = "an argument of the binding")
    private List<KeyValue> bindingArguments = new ArrayList<>();

    public DeclareCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        Exchange source;
        Queue target;
        try {
            check();
            source = exchange == null ? Exchange.ANONYMOUS : exchange(exchange);
            target = queue == null ? null : queue(queue, source);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        try (Connection connection = Connections.open(broker.options());
                Channel channel = connection.channel()) {
            if (target == null) {
                channel.declare(source);
                streams.err().println("declared exchange '" + source.name() + "'");
            } else {
                Queue unused = channel.declare(target);
                streams.err()
                        .println("declared queue '" + target.name() + "'"
                                + (exchange == null ? "" : ", bound to exchange '" + exchange + "'"));
            }
        }
        return 0;
    }

    private void check() {
        if (queue == null && exchange == null) {
            throw new IllegalArgumentException("no target (expected: --queue or --exchange)");
        }
        requireWith("--type", type != null, "--queue", queue);
        requireWith("--routing-key", routingKey != null, "--queue", queue);
        requireWith("--binding-argument", !bindingArguments.isEmpty(), "--queue", queue);
        requireWith("--exchange-type", exchangeType != null, "--exchange", exchange);
        requireWith("--routing-key", routingKey != null, "--exchange", exchange);
        requireWith("--binding-argument", !bindingArguments.isEmpty(), "--exchange", exchange);
    }

    private static void requireWith(String option, boolean present, String needed, @Nullable String value) {
        if (present && value == null) {
            throw new IllegalArgumentException(option + ": without " + needed + " (expected: together with it)");
        }
    }

    private Exchange exchange(String name) {
        Exchange declared = Exchange.of(name, exchangeType == null ? "direct" : exchangeType)
                .durable(durable);
        if (queue == null) {
            return declared.autoDelete(autoDelete).arguments(KeyValue.table(arguments));
        }
        return declared.noDeclare(exchangeType == null);
    }

    private Queue queue(String name, Exchange source) {
        Map<String, Object> table = new LinkedHashMap<>(KeyValue.table(arguments));
        Queue declared = Queue.of(name).durable(durable).autoDelete(autoDelete);
        if (type == QueueType.QUORUM) {
            declared = declared.quorum();
        } else if (type == QueueType.STREAM) {
            declared = declared.stream();
        } else if (type == QueueType.CLASSIC) {
            table.put("x-queue-type", "classic");
        }
        declared = declared.arguments(table);
        return exchange == null
                ? declared
                : declared.bindings(
                        List.of(bindingOf(source, routingKey == null ? name : routingKey, bindingArguments)));
    }

    /** Returns a binding; the queue is set by {@link Queue#bindings} or {@link Binding#toQueue}. */
    static Binding bindingOf(Exchange source, String routingKey, List<KeyValue> arguments) {
        return Binding.of(source, routingKey).arguments(KeyValue.table(arguments));
    }
}
