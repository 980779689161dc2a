package dev.holdfast.cli;

import dev.holdfast.cli.common.ErrorHandler;
import dev.holdfast.cli.common.StopRequest;
import dev.holdfast.cli.common.Streams;
import dev.holdfast.cli.consume.ConsumeCommand;
import dev.holdfast.cli.perf.PerfCommand;
import dev.holdfast.cli.publish.PublishCommand;
import dev.holdfast.cli.topology.DeclareCommand;
import dev.holdfast.cli.topology.DeleteCommand;
import dev.holdfast.cli.topology.InspectCommand;
import dev.holdfast.cli.topology.PurgeCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** Entry point: assembles the commands and runs one. Exit code 0 is success, 1 failure, 2 wrong usage. */
@Command(
        name = "holdfast",
        header = "AMQP 0-9-1 from the command line, with a reported outcome for every message.",
        description = "",
        versionProvider = Version.class,
        footer = {
            "",
            "Try it, without a broker:",
            "  holdfast demo",
            "",
            "In three terminals:",
            "  holdfast broker",
            "  echo '{\"hello\":\"world\"}' | holdfast publish --queue video",
            "  holdfast consume --queue video",
            "",
            "The broker's URI is --uri, else the variable HOLDFAST_URI, else amqp://guest:guest@localhost:5672/.",
            "A URI may list several hosts, separated by commas, and parameters after a question mark:",
            "connect_timeout (s), heartbeat (s), channel_max, frame_max, failover_strategy (round-robin,",
            "shuffle), auth_mechanism, verify (verify_peer, verify_none), ssl, name.",
            "Exit code: 0 success, 1 failure, 2 wrong usage, 130, 143 or 129 ended by SIGINT, SIGTERM or SIGHUP."
        })
final class Main {
    private Main() {}

    public static void main(String[] args) {
        // The library's log records take one line each, without time stamps.
        System.setProperty("java.util.logging.SimpleFormatter.format", "holdfast: %5$s%n");
        System.exit(run(Streams.system(), StopRequest.ofProcess(), args));
    }

    /** Runs a command and returns its exit code. */
    static int run(Streams streams, StopRequest stop, String... args) {
        CommandLine commands = commandLine(streams, stop, args.length == 0 ? "" : args[0]);
        int exitCode = commands.execute(args);
        if (commands.getOut().checkError()) { // of --help and --version; a command reports its own errors
            streams.printError("standard output: cannot be written");
            return Math.max(exitCode, ErrorHandler.EXIT_FAILURE);
        }
        return exitCode;
    }

    private static Map<String, Supplier<Object>> subcommands(Streams streams, StopRequest stop) {
        Map<String, Supplier<Object>> all = new LinkedHashMap<>();
        all.put("demo", () -> new DemoCommand(streams));
        all.put("publish", () -> new PublishCommand(streams, stop));
        all.put("consume", () -> new ConsumeCommand(streams, stop));
        all.put("declare", () -> new DeclareCommand(streams));
        all.put("inspect", () -> new InspectCommand(streams));
        all.put("purge", () -> new PurgeCommand(streams));
        all.put("delete", () -> new DeleteCommand(streams));
        all.put("perf", () -> new PerfCommand(streams));
        all.put("broker", () -> new BrokerCommand(streams));
        return all;
    }

    /**
     * Returns the command line with all commands, or with that alone which the first argument names: to read the
     * options of all would take longer than to start the JVM.
     */
    static CommandLine commandLine(Streams streams, StopRequest stop, String first) {
        CommandLine commands = new CommandLine(CommandSpec.forAnnotatedObject(new Main()));
        Map<String, Supplier<Object>> all = subcommands(streams, stop);
        Supplier<Object> named = all.get(first);
        for (Supplier<Object> each : named == null ? all.values() : Set.of(named)) {
            CommandLine unused = commands.addSubcommand(each.get());
        }
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
