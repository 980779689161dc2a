package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener.DefaultSystemLauncherListener;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.BrokerModel;
import org.apache.qpid.server.model.Port;
import org.apache.qpid.server.model.SystemConfig;
import org.jspecify.annotations.Nullable;

/**
 * Apache Qpid Broker-J inside this JVM: a real AMQP 0-9-1 broker that needs no installation. It listens on 127.0.0.1,
 * keeps all data in memory and logs nothing. Its one virtual host has the names {@code /}, {@code default} and the
 * empty name. Any number of brokers may run at the same time. Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String USER = "guest";
    private static final String PASSWORD = "guest";

    private final SystemLauncher launcher;
    private final TempDirectory directory;
    private final int port;
    private final String uri;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedBroker(SystemLauncher launcher, TempDirectory directory, int port, String userInfo) {
        this.launcher = launcher;
        this.directory = directory;
        this.port = port;
        this.uri = "amqp://" + userInfo + "@127.0.0.1:" + port + "/";
    }

    /**
     * Starts a broker on a free port, with the user guest and the password guest.
     *
     * @throws IllegalStateException if the broker does not start
     */
    public static EmbeddedBroker start() {
        return start(0);
    }

    /**
     * Starts a broker with the user guest and the password guest.
     *
     * @param port the port to listen on; 0 lets the system choose
     * @throws IllegalStateException if the broker does not start, for instance because the port is taken
     */
    public static EmbeddedBroker start(int port) {
        return start(port, USER, PASSWORD);
    }

    /**
     * Starts a broker on a free port, with the user guest and the password guest.
     *
     * @param context variables of Broker-J's context to set, such as {@code qpid.max_message_size}
     * @throws IllegalStateException if the broker does not start
     */
    public static EmbeddedBroker start(Map<String, String> context) {
        return start(0, USER, PASSWORD, context);
    }

    /**
     * Starts a broker with one user.
     *
     * @param port the port to listen on; 0 lets the system choose
     * @throws IllegalStateException if the broker does not start, for instance because the port is taken
     */
    public static EmbeddedBroker start(int port, String user, String password) {
        return start(port, user, password, Map.of());
    }

    private static EmbeddedBroker start(int port, String user, String password, Map<String, String> context) {
        requireNonNull(user, "user");
        requireNonNull(password, "password");
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
        }
        requireFree(port);
        TempDirectory directory = TempDirectory.create("holdfast-broker-");
        PortListener listener = new PortListener();
        SystemLauncher launcher = new SystemLauncher(listener);
        try {
            Path configuration = Files.writeString(
                    directory.path().resolve("broker.json"), configuration(port, user, password, context));
            launcher.startup(attributes(directory.path(), configuration));
            String userInfo = URLEncoder.encode(user, UTF_8) + ":" + URLEncoder.encode(password, UTF_8);
            return new EmbeddedBroker(launcher, directory, listener.boundPort(), userInfo.replace("+", "%20"));
        } catch (Exception e) {
            launcher.shutdown();
            directory.close();
            throw new IllegalStateException("embedded broker did not start on port " + port, e);
        }
    }

    /**
     * Fails if the port is taken. Broker-J reports that on standard output only, and hides the reason from its caller.
     */
    private static void requireFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new IllegalStateException("embedded broker cannot listen on 127.0.0.1:" + port, e);
        }
    }

    private static Map<String, Object> attributes(Path directory, Path configuration) {
        return Map.of(
                "type", "Memory",
                "initialConfigurationLocation", configuration.toString(),
                "startupLoggedToSystemOut", false,
                "preferenceStoreAttributes", Map.of("type", "Noop"),
                "context", Map.of("qpid.work_dir", directory.toString()));
    }

    /**
     * Thread pools are small: Broker-J's default of 64 connection threads is meant for machines that run nothing else.
     * Closing waits for the next round of memory compaction, hence its short interval.
     */
    private static String configuration(int port, String user, String password, Map<String, String> context) {
        StringBuilder contextEntries = new StringBuilder();
        context.forEach((name, value) -> contextEntries
                .append(", ")
                .append(jsonString(name))
                .append(": ")
                .append(jsonString(value)));
        return """
                {
                  "name": "embedded",
                  "modelVersion": "%s",
                  "context": {
                    "broker.failStartupWithErroredChild": "true",
                    "qpid.compact_memory_interval": "100",
                    "qpid.port.amqp.threadPool.size": "4",
                    "qpid.port.amqp.threadPool.numberOfSelectors": "1",
                    "qpid.port.final_write_timeout": "100",
                    "virtualhost.connectionThreadPool.size": "8",
                    "virtualhost.connectionThreadPool.numberOfSelectors": "1"%s
                  },
                  "authenticationproviders": [{
                    "name": "plain",
                    "type": "Plain",
                    "secureOnlyMechanisms": [],
                    "users": [{"name": %s, "type": "managed", "password": %s}]
                  }],
                  "ports": [{
                    "name": "AMQP",
                    "type": "AMQP",
                    "port": %d,
                    "bindingAddress": "127.0.0.1",
                    "protocols": ["AMQP_0_9_1"],
                    "authenticationProvider": "plain",
                    "virtualhostaliases": [
                      {"name": "names", "type": "nameAlias"},
                      {"name": "empty", "type": "defaultAlias"},
                      {"name": "slash", "type": "patternMatchingAlias", "pattern": "/", "virtualHostNode": "default"}
                    ]
                  }],
                  "virtualhostnodes": [{
                    "name": "default",
                    "type": "Memory",
                    "defaultVirtualHostNode": "true",
                    "virtualHostInitialConfiguration": "{\\"type\\": \\"Memory\\"}"
                  }]
                }
                """.formatted(BrokerModel.MODEL_VERSION, contextEntries, jsonString(user), jsonString(password), port);
    }

    private static String jsonString(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    /** Returns the port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** Returns the URI to connect to: user, password, 127.0.0.1, the port, and the virtual host {@code /}. */
    public String uri() {
        return uri;
    }

    Path directory() {
        return directory.path();
    }

    /** Stops the broker, drops its connections and discards its messages. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            launcher.shutdown();
            directory.close();
        }
    }

    @Override
    public String toString() {
        return "EmbeddedBroker(127.0.0.1:" + port + (closed.get() ? ", closed)" : ")");
    }

    /** Captures the {@link SystemConfig}, to read the port that the system chose. */
    private static final class PortListener extends DefaultSystemLauncherListener {
        private @Nullable SystemConfig<?> system;

        @Override
        public void onContainerResolve(SystemConfig<?> resolved) {
            system = resolved;
        }

        int boundPort() throws IOException {
            SystemConfig<?> started = system;
            if (started != null && started.getContainer() instanceof Broker<?> broker) {
                for (Port<?> port : broker.getPorts()) {
                    return port.getBoundPort();
                }
            }
            throw new IOException("broker has no open port");
        }
    }
}
