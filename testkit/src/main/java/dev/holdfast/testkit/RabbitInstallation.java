package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Paths of RabbitMQ's own scripts and of epmd. The RabbitMQ commands on the PATH are wrappers of the distribution that
 * change the user and the working directory, so they are not used.
 */
record RabbitInstallation(Path scripts, Path epmd) {
    private static final List<Path> LIBRARY_DIRECTORIES =
            List.of(Path.of("/usr/lib/rabbitmq/lib"), Path.of("/usr/local/lib/rabbitmq/lib"), Path.of("/opt/rabbitmq"));

    /** Finds the newest installation on this machine. */
    static Optional<RabbitInstallation> find() {
        Optional<Path> epmd = findOnPath("epmd");
        return epmd.flatMap(epmdPath -> LIBRARY_DIRECTORIES.stream()
                .flatMap(RabbitInstallation::scriptDirectories)
                .filter(directory -> Files.isExecutable(directory.resolve("rabbitmq-server")))
                .max(Comparator.naturalOrder())
                .map(directory -> new RabbitInstallation(directory, epmdPath)));
    }

    private static Stream<Path> scriptDirectories(Path library) {
        if (!Files.isDirectory(library)) {
            return Stream.empty();
        }
        try (Stream<Path> versions = Files.list(library)) {
            return Stream.concat(Stream.of(library), versions)
                    .map(version -> version.resolve("sbin"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException("directory cannot be read: " + library, e);
        }
    }

    private static Optional<Path> findOnPath(String command) {
        String path = System.getenv("PATH");
        return Arrays.stream(path == null ? new String[0] : path.split(":", -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    Path server() {
        return scripts.resolve("rabbitmq-server");
    }

    Path ctl() {
        return scripts.resolve("rabbitmqctl");
    }
}
