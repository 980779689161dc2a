package dev.holdfast.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Paths of RabbitMQ's own scripts and of the Erlang that runs them. The RabbitMQ commands on the PATH are wrappers of
 * the distribution that change the user and the working directory, so they are not used.
 *
 * @param scripts the directory of rabbitmq-server and rabbitmqctl
 * @param erlang the directory of erl and epmd
 */
record RabbitInstallation(Version version, Path scripts, Path erlang) {
    private static final List<Path> LIBRARY_DIRECTORIES =
            List.of(Path.of("/usr/lib/rabbitmq/lib"), Path.of("/usr/local/lib/rabbitmq/lib"), Path.of("/opt/rabbitmq"));

    /** The plugin that is the broker itself: its directory or archive has the version in its name. */
    private static final String BROKER_PLUGIN = "rabbit-";

    /** Finds the newest installation of this major version: of this machine, or unpacked by {@code .ci/rabbitmq}. */
    static Optional<RabbitInstallation> find(int major) {
        return Stream.concat(ofMachine(), unpacked())
                .filter(installation -> installation.version.toString().startsWith(major + "."))
                .max(Comparator.comparing(RabbitInstallation::version));
    }

    /** The directory that {@code .ci/rabbitmq} unpacks into. */
    static Path cache() {
        String set = System.getenv("HOLDFAST_RABBITMQ");
        if (set != null && !set.isEmpty()) {
            return Path.of(set);
        }
        String caches = System.getenv("XDG_CACHE_HOME");
        Path base = caches == null || caches.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(caches);
        return base.resolve("holdfast/rabbitmq");
    }

    private static Stream<RabbitInstallation> ofMachine() {
        return erlangOnPath().stream()
                .flatMap(erlang -> LIBRARY_DIRECTORIES.stream().flatMap(library -> in(library, erlang)));
    }

    private static Stream<RabbitInstallation> unpacked() {
        return children(cache())
                .flatMap(root -> in(root.resolve("usr/lib/rabbitmq/lib"), root.resolve("usr/lib/erlang/bin")));
    }

    private static Stream<RabbitInstallation> in(Path library, Path erlang) {
        return Stream.concat(Stream.of(library), children(library))
                .filter(home -> Files.isExecutable(home.resolve("sbin/rabbitmq-server")))
                .flatMap(home -> children(home.resolve("plugins"))
                        .map(plugin -> plugin.getFileName().toString())
                        .filter(plugin -> plugin.matches(BROKER_PLUGIN + "\\d.*"))
                        .map(plugin -> Version.parse(
                                plugin.substring(BROKER_PLUGIN.length()).replaceFirst("\\.ez$", "")))
                        .map(version -> new RabbitInstallation(version, home.resolve("sbin"), erlang)));
    }

    private static Stream<Path> children(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (Stream<Path> children = Files.list(directory)) {
            return children.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException("directory cannot be read: " + directory, e);
        }
    }

    private static Optional<Path> erlangOnPath() {
        String path = System.getenv("PATH");
        return Arrays.stream(path == null ? new String[0] : path.split(File.pathSeparator, -1))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of)
                .filter(directory -> Files.isExecutable(directory.resolve("epmd")))
                .findFirst();
    }

    Path server() {
        return scripts.resolve("rabbitmq-server");
    }

    Path ctl() {
        return scripts.resolve("rabbitmqctl");
    }

    Path epmd() {
        return erlang.resolve("epmd");
    }

    /** Puts this Erlang first on the PATH of a child process, for the scripts. */
    void configure(Map<String, String> environment) {
        environment.merge("PATH", erlang.toString(), (old, first) -> first + File.pathSeparator + old);
    }
}
