package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ node that a test can kill. It runs a RabbitMQ of this machine with separate data, logs, cookie, ports and
 * Erlang port mapper, on 127.0.0.1 only, as the current user. It ends with this JVM and leaves no file.
 *
 * <p>The user is guest with the password guest. Only one thread at a time may call {@link #kill}, {@link #boot},
 * {@link #restart} and {@link #close}; all other methods are thread-safe.
 */
public final class RabbitNode implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final long START_SECONDS = 120;
    private static final long CTL_SECONDS = 60;
    private static final long POLL_MILLIS = 50;

    private final RabbitVersion version;
    private final RabbitInstallation installation;
    private final Epmd epmd;
    private final String name;
    private final int port;
    private final int tlsPort;
    private final RabbitNodeDirectory directory;
    private final Runnable killAction = this::kill;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger ctlCalls = new AtomicInteger();
    private volatile @Nullable Process scriptProcess;
    private volatile @Nullable ProcessHandle brokerProcess;
    /** Whether rabbitmqctl was told since the boot that the node is ready. */
    private final AtomicBoolean startupAwaited = new AtomicBoolean();

    private RabbitNode(
            RabbitVersion version, String name, int tlsPort, List<String> plugins, List<String> configuration) {
        this.version = version;
        this.installation = version.installation();
        this.name = name;
        this.port = Ports.reserve();
        this.tlsPort = tlsPort;
        this.epmd = Epmd.acquire(installation.epmd());
        this.directory = new RabbitNodeDirectory(name, port, epmd.port(), plugins, configuration);
        ShutdownActions.register(killAction);
    }

    /**
     * Starts a node and returns when it accepts connections, after some seconds.
     *
     * @param configuration further lines for rabbitmq.conf, such as {@code max_message_size = 1000}
     * @throws IllegalStateException if the version is not installed or the node does not start; the message ends with
     *     its log
     */
    public static RabbitNode start(RabbitVersion version, String... configuration) {
        RabbitNode node = create(version, newName(), List.of(configuration));
        node.startOrClose();
        return node;
    }

    /**
     * Starts a node with a port for TLS beside the plain one. It accepts client certificates of the same authority but
     * does not require one, and uses their common name as the user of SASL EXTERNAL.
     *
     * @param authority the authority's certificate, PEM
     * @param certificate the node's certificate, PEM
     * @param key the node's private key, PEM
     */
    public static RabbitNode startWithTls(RabbitVersion version, Path authority, Path certificate, Path key) {
        int port = Ports.reserve();
        List<String> configuration = List.of(
                "listeners.ssl.1 = 127.0.0.1:" + port,
                "ssl_options.cacertfile = " + authority,
                "ssl_options.certfile = " + certificate,
                "ssl_options.keyfile = " + key,
                "ssl_options.verify = verify_peer",
                "ssl_options.fail_if_no_peer_cert = false",
                "ssl_cert_login_from = common_name",
                "auth_mechanisms.1 = PLAIN",
                "auth_mechanisms.2 = AMQPLAIN",
                "auth_mechanisms.3 = EXTERNAL");
        RabbitNode node =
                new RabbitNode(version, newName(), port, List.of("rabbitmq_auth_mechanism_ssl"), configuration);
        node.startOrClose();
        return node;
    }

    static String newName() {
        return "holdfast-" + NUMBERS.incrementAndGet() + "@localhost";
    }

    /** Creates a node without starting it. */
    static RabbitNode create(RabbitVersion version, String name, List<String> configuration) {
        return new RabbitNode(version, name, 0, List.of(), configuration);
    }

    void startOrClose() {
        try {
            boot();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Boots the node and returns when it accepts connections. After a kill it has the same ports and the same data.
     * Does nothing if the node is running.
     *
     * @throws IllegalStateException if the node is closed or does not start; the message ends with its log
     */
    public void boot() {
        launch();
        awaitReady();
    }

    /** Starts the process without waiting until it accepts connections. */
    void launch() {
        if (closed.get()) {
            throw new IllegalStateException(this + " is closed");
        }
        if (isRunning()) {
            return;
        }
        try {
            Files.deleteIfExists(directory.pidFile());
            ProcessBuilder builder = new ProcessBuilder(installation.server().toString())
                    .directory(directory.path("").toFile())
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(directory.consoleLog().toFile());
            configure(builder.environment());
            startupAwaited.set(false);
            scriptProcess = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("RabbitMQ cannot be started: " + installation.server(), e);
        }
    }

    private void configure(Map<String, String> environment) {
        directory.configure(environment);
        installation.configure(environment);
    }

    void awaitReady() {
        Process starting = scriptProcess;
        if (starting == null) {
            throw new IllegalStateException(this + " was not started");
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!findBroker() || !PortProbe.speaksAmqp(port)) {
            if (!Processes.isAliveAfter(starting, POLL_MILLIS)) {
                throw new IllegalStateException(this + " ended while it started" + directory.logTail());
            }
            if (System.nanoTime() > deadline) {
                String log = directory.logTail();
                kill();
                throw new IllegalStateException(this + " did not start within " + START_SECONDS + " s" + log);
            }
        }
    }

    private boolean findBroker() {
        if (brokerProcess == null) {
            readPid().ifPresent(pid -> brokerProcess = ProcessHandle.of(pid).orElse(null));
        }
        return brokerProcess != null;
    }

    private OptionalLong readPid() {
        try {
            String text = Files.readString(directory.pidFile()).strip();
            return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("pid file cannot be read: " + directory.pidFile(), e);
        }
    }

    /**
     * Kills the node as {@code kill -9} does, and returns when its process has ended. Does nothing if it is not
     * running.
     */
    public void kill() {
        Process ending = scriptProcess;
        if (ending == null) {
            return;
        }
        ProcessHandle process = brokerProcess;
        if (process != null) {
            Processes.kill(process);
        }
        Processes.killTree(ending);
        scriptProcess = null;
        brokerProcess = null;
    }

    /** Kills the node and boots it. */
    public void restart() {
        kill();
        boot();
    }

    /**
     * Returns when the metadata of all earlier declarations is written to a file, so that it survives {@link
     * #kill}. RabbitMQ 3 writes the log of its database Mnesia asynchronously: a node that is killed earlier may
     * lose a durable queue, even one with confirmed messages. RabbitMQ 4 writes a declaration before it answers.
     */
    public void syncMetadata() {
        if (version == RabbitVersion.V3) {
            ctl("eval", "ok = mnesia:sync_log().");
        }
    }

    /** Returns whether the node's process is running. */
    public boolean isRunning() {
        Process current = scriptProcess;
        return current != null && current.isAlive();
    }

    /** Returns the version of RabbitMQ. */
    public RabbitVersion version() {
        return version;
    }

    /** Returns the port for AMQP on 127.0.0.1; a reboot does not change it. */
    public int port() {
        return port;
    }

    /** Returns the port for AMQP over TLS on 127.0.0.1; 0 for a node without TLS. */
    public int tlsPort() {
        return tlsPort;
    }

    /**
     * Returns the URI to connect to: guest, 127.0.0.1, the port, and the virtual host {@code /}. Some clients, such as
     * amqp-client, read the path {@code /} as a virtual host with an empty name, which RabbitMQ does not have: set the
     * virtual host of such a client separately.
     */
    public String uri() {
        return "amqp://guest:guest@127.0.0.1:" + port + "/";
    }

    /** Returns the name of the Erlang node. */
    public String name() {
        return name;
    }

    /**
     * Returns the process id of the broker, not of its start script.
     *
     * @throws IllegalStateException if it is not running
     */
    public long pid() {
        ProcessHandle process = brokerProcess;
        if (process == null) {
            throw new IllegalStateException(this + " is not running");
        }
        return process.pid();
    }

    /**
     * Runs rabbitmqctl on this node, for instance {@code ctl("set_vm_memory_high_watermark", "0")}. The first call
     * after a boot waits until the boot is complete: a node accepts connections shortly before, and refuses most
     * commands.
     *
     * @return the output of rabbitmqctl
     * @throws IllegalStateException if rabbitmqctl fails or hangs; the message contains its output
     */
    public String ctl(String... arguments) {
        if (!startupAwaited.get()) {
            runCtl("await_startup");
            startupAwaited.set(true);
        }
        return runCtl(arguments);
    }

    private String runCtl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(installation.ctl().toString(), "--quiet"));
        command.addAll(List.of(arguments));
        Path output = directory.path("ctl-" + ctlCalls.incrementAndGet() + ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(output.toFile());
        configure(builder.environment());
        try {
            Process process = builder.start();
            boolean hangs = Processes.isAliveAfter(process, TimeUnit.SECONDS.toMillis(CTL_SECONDS));
            if (hangs) {
                Processes.killTree(process);
            }
            String printed = new String(Files.readAllBytes(output), UTF_8);
            Files.delete(output);
            if (hangs || process.exitValue() != 0) {
                throw new IllegalStateException("rabbitmqctl " + String.join(" ", arguments)
                        + (hangs ? " hangs: " : " ended with " + process.exitValue() + ": ") + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new UncheckedIOException("rabbitmqctl cannot be run", e);
        }
    }

    /** Kills the node and deletes its data. Closing again does nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            ShutdownActions.unregister(killAction);
            kill();
            epmd.release();
            directory.close();
        }
    }

    Path directory() {
        return directory.path("");
    }

    @Override
    public String toString() {
        return version + "(" + name + ", 127.0.0.1:" + port + ")";
    }
}
