package dev.holdfast.cli.topology;

import dev.holdfast.Channel;
import dev.holdfast.Connection;
import dev.holdfast.cli.common.Connections;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.common.UriOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code purge}: removes the messages of a queue. */
@Command(
        name = "purge",
        header = "Remove all messages of a queue.",
        description = "",
        sortOptions = false,
        footer = {
            "",
            "Messages that consumers hold unacknowledged are not removed. Exit code is 1 if the queue does not",
            "exist.",
            "",
            "One queue:",
            "  holdfast purge --queue video"
        })
public final class PurgeCommand implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private final UriOption broker = new UriOption();

    @Option(names = "--queue", paramLabel = "Q", required = true, description = "queue to purge")
    private String queue = "";

    public PurgeCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        try (Connection connection = Connections.open(broker.options());
                Channel channel = connection.channel()) {
            long removed = channel.purge(queue);
            streams.err()
                    .println("purged queue '" + queue + "': " + InspectCommand.count(removed, "message") + " removed");
        }
        return 0;
    }
}
