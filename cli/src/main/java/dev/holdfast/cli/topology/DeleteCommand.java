package dev.holdfast.cli.topology;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.Exchange;
import dev.holdfast.cli.common.Connections;
import dev.holdfast.cli.common.KeyValue;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code delete}: a queue, an exchange or a binding. */
@Command(
        name = "delete",
        header = "Delete a queue with its messages, an exchange, or a binding.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "RabbitMQ reports success if what is to be deleted does not exist.",
            "",
            "A queue, unless it has messages or consumers; exit code 1 if it has:",
            "  holdfast delete --queue video --if-empty --if-unused",
            "A binding; the queue and the exchange remain:",
            "  holdfast delete --binding --queue video --exchange media --routing-key video"
        })
public final class DeleteCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(names = "--queue", paramLabel = "Q", description = "delete this queue")
    private @Nullable String queue;

    @Option(names = "--exchange", paramLabel = "X", description = "delete this exchange")
    private @Nullable String exchange;

    @Option(names = "--if-unused", description = "fail if the queue has consumers, or the exchange has bindings")
    private boolean ifUnused;

    @Option(names = "--if-empty", description = "fail if the queue has messages")
    private boolean ifEmpty;

    @Option(names = "--binding", description = "delete only the binding of --queue to --exchange")
    private boolean binding;

    @Option(
            names = "--routing-key",
            paramLabel = "K",
            description = "routing key of the binding; default: the name of the queue")
    private @Nullable String routingKey;

    @Option(
            names = "--binding-argument",
            paramLabel = "k=v",
            converter = KeyValue.Converter.class,
            description = "an argument of the binding, as it was declared")
    private List<KeyValue> bindingArguments = new ArrayList<>();

    public DeleteCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        check();
        try (Connection connection = Connections.open(broker.options());
                Channel channel = connection.channel()) {
            streams.err().println(delete(channel));
        }
        return 0;
    }

    private void check() {
        boolean both = queue != null && exchange != null;
        if (queue == null && exchange == null) {
            throw usage("no target (expected: --queue or --exchange)");
        }
        if (both && !binding) {
            throw usage("--queue and --exchange (expected: one of them, or with --binding)");
        }
        if (binding && !both) {
            throw usage("--binding: without --queue or --exchange (expected: both)");
        }
        if (binding && (ifUnused || ifEmpty)) {
            throw usage("--if-unused, --if-empty: with --binding (expected: without it)");
        }
        if (!binding && (routingKey != null || !bindingArguments.isEmpty())) {
            throw usage("--routing-key, --binding-argument: without --binding (expected: together with it)");
        }
        if (ifEmpty && queue == null) {
            throw usage("--if-empty: with --exchange (expected: with --queue)");
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private String delete(Channel channel) {
        if (queue == null) {
            channel.deleteExchange(String.valueOf(exchange), ifUnused);
            return "deleted exchange '" + exchange + "'";
        }
        if (exchange == null) {
            long messages = channel.deleteQueue(queue, ifUnused, ifEmpty);
            return "deleted queue '" + queue + "', with " + InspectCommand.count(messages, "message");
        }
        String key = routingKey == null ? queue : routingKey;
        channel.unbind(DeclareCommand.bindingOf(Exchange.direct(exchange), key, bindingArguments)
                .toQueue(queue));
        return "deleted the binding of queue '" + queue + "' to exchange '" + exchange + "' with routing key '" + key
                + "'";
    }
}
