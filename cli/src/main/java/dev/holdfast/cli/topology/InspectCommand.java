package dev.holdfast.cli.topology;

import dev.holdfast.AmqpChannelException;
import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.QueueInfo;
import dev.holdfast.cli.common.Connections;
import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import dev.holdfast.cli.consume.JsonLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code inspect}: the counts of queues. */
@Command(
        name = "inspect",
        header = "Print how many messages and consumers queues have.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "Messages are those that are ready for delivery: those that consumers hold unacknowledged are not",
            "counted. Exit code is 1 if a queue does not exist; the others are still printed.",
            "",
            "The counts of two queues:",
            "  holdfast inspect --queue video --queue audio",
            "One line of JSON a queue, {\"queue\":...,\"messages\":...,\"consumers\":...}:",
            "  holdfast inspect --queue video --json"
        })
public final class InspectCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(names = "--queue", paramLabel = "Q", required = true, description = "queue to inspect; may be repeated")
    private List<String> queues = new ArrayList<>();

    @Option(names = "--json", description = "print one line of JSON a queue")
    private boolean json;

    public InspectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        int exitCode = 0;
        try (Connection connection = Connections.open(broker.options());
                Channel channel = connection.channel()) {
            for (String queue : queues) {
                try {
                    streams.printLine(line(channel.inspect(queue)));
                } catch (AmqpChannelException e) {
                    streams.printError("queue '" + queue + "': " + ErrorHandler.describe(e));
                    exitCode = ErrorHandler.EXIT_FAILURE;
                }
            }
        }
        return exitCode;
    }

    private String line(QueueInfo info) throws IOException {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("queue", info.name());
            fields.put("messages", info.messageCount());
            fields.put("consumers", info.consumerCount());
            return JsonLine.json(fields);
        }
        return info.name() + ": " + count(info.messageCount(), "message") + ", "
                + count(info.consumerCount(), "consumer");
    }

    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
