package dev.holdfast.cli;

import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.consume.ConsumeCommand;
import dev.holdfast.cli.perf.PerfCommand;
import dev.holdfast.cli.publish.PublishCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** Puts the commands together and runs one: exit code 0 for success, 1 for failure, 2 for wrong usage. */
@Command(
        name = "holdfast",
        header = "AMQP 0-9-1 from the command line: every message ends in an outcome that you are told.",
        description = "",
        versionProvider = Version.class,
        footer = {
            "",
            "Try it, nothing needed:",
            "  holdfast demo",
            "",
            "Three terminals:",
            "  holdfast broker",
            "  echo '{\"hello\":\"world\"}' | holdfast publish --queue video",
            "  holdfast consume --queue video",
            "",
            "The broker is the one at --uri, else at HOLDFAST_URI, else at amqp://guest:guest@localhost:5672/.",
            "A URI may name more hosts, with commas between them, and parameters after a question mark:",
            "connect_timeout (s), heartbeat (s), channel_max, frame_max, failover_strategy (round-robin, shuffle),",
            "auth_mechanism, verify (verify_peer, verify_none), ssl, name.",
            "Exit code: 0 all went well, 1 something did not, 2 wrong usage."
        })
final class Main {
    private Main() {}

    public static void main(String[] args) {
        // One line per warning of the library, no time stamps.
        System.setProperty("java.util.logging.SimpleFormatter.format", "holdfast: %5$s%n");
        System.exit(commandLine(Streams.system()).execute(args));
    }

    /** The commands, reading and writing these streams. */
    static CommandLine commandLine(Streams streams) {
        CommandLine commands = new CommandLine(CommandSpec.forAnnotatedObject(new Main()))
                .addSubcommand(new DemoCommand(streams))
                .addSubcommand(new PublishCommand(streams))
                .addSubcommand(new ConsumeCommand(streams))
                .addSubcommand(new PerfCommand(streams))
                .addSubcommand(new BrokerCommand(streams));
        commands.getCommandSpec().mixinStandardHelpOptions(true);
        commands.getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
        ErrorHandler errorHandler = new ErrorHandler(streams);
        return commands.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(streams.outWriter())
                .setErr(streams.errWriter())
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler(errorHandler)
                .setExecutionExceptionHandler(errorHandler);
    }
}
