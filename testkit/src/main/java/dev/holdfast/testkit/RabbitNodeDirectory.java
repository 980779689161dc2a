package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Temporary directory with all files of a RabbitMQ node, and the environment variables that point the node to them. */
final class RabbitNodeDirectory implements AutoCloseable {
    /** One cookie for all nodes of this JVM, because they may form a cluster. */
    private static final String COOKIE = UUID.randomUUID().toString().replace("-", "");

    private static final int TAIL_LINES = 80;

    private final TempDirectory directory = TempDirectory.create("holdfast-rabbit-");
    private final String nodeName;
    private final int port;
    private final int distributionPort = Ports.reserve();
    private final int epmdPort;

    RabbitNodeDirectory(String nodeName, int port, int epmdPort, List<String> plugins, List<String> configuration) {
        this.nodeName = nodeName;
        this.port = port;
        this.epmdPort = epmdPort;
        try {
            Path cookie = Files.writeString(path(".erlang.cookie"), COOKIE);
            Files.setPosixFilePermissions(cookie, PosixFilePermissions.fromString("r--------"));
            Files.writeString(path("enabled_plugins"), "[" + String.join(",", plugins) + "].\n");
            // Tests raise alarms themselves: a nearly full disk must not raise one.
            Files.writeString(
                    path("rabbitmq.conf"),
                    "disk_free_limit.absolute = 1MB\n" + String.join("\n", configuration) + "\n");
        } catch (IOException e) {
            directory.close();
            throw new UncheckedIOException("directory of RabbitMQ cannot be prepared: " + directory.path(), e);
        }
    }

    Path path(String name) {
        return directory.path().resolve(name);
    }

    Path pidFile() {
        return path("pid");
    }

    Path consoleLog() {
        return path("console.out");
    }

    /** Replaces all variables of RabbitMQ and Erlang in the environment of a child process. */
    void configure(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("RABBITMQ_") || name.startsWith("ERL_"));
        String loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
        environment.put("HOME", directory.path().toString());
        environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        environment.put("ERL_EPMD_PORT", Integer.toString(epmdPort));
        environment.put("ERL_CRASH_DUMP_SECONDS", "0");
        environment.put("RABBITMQ_NODENAME", nodeName);
        environment.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
        environment.put("RABBITMQ_NODE_PORT", Integer.toString(port));
        environment.put("RABBITMQ_DIST_PORT", Integer.toString(distributionPort));
        environment.put("RABBITMQ_MNESIA_BASE", path("mnesia").toString());
        environment.put("RABBITMQ_LOG_BASE", path("log").toString());
        environment.put("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf").toString());
        environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", path("advanced.config").toString());
        environment.put("RABBITMQ_CONF_ENV_FILE", path("rabbitmq-env.conf").toString());
        environment.put("RABBITMQ_GENERATED_CONFIG_DIR", path("generated").toString());
        environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins").toString());
        environment.put("RABBITMQ_PID_FILE", pidFile().toString());
        environment.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", loopback);
        environment.put("RABBITMQ_CTL_ERL_ARGS", loopback);
    }

    /** Returns the last lines of the node's console output and log, for the message of an exception. */
    String logTail() {
        return "\n--- console\n" + tail(consoleLog()) + "\n--- log\n"
                + tail(path("log").resolve(nodeName + ".log"));
    }

    private static String tail(Path file) {
        try {
            List<String> lines =
                    new String(Files.readAllBytes(file), UTF_8).lines().toList();
            return lines.stream().skip(Math.max(0, lines.size() - TAIL_LINES)).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "(cannot be read: " + e + ")";
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
