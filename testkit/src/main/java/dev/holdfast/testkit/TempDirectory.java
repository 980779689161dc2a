package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Temporary directory of a broker, deleted by {@link #close} and at the latest when the JVM shuts down. */
final class TempDirectory implements AutoCloseable {
    private static final int DELETE_ATTEMPTS = 10;

    private final Path path;
    private final Runnable deletion = this::delete;

    private TempDirectory(Path path) {
        this.path = path;
        ShutdownActions.register(deletion);
    }

    static TempDirectory create(String prefix) {
        try {
            return new TempDirectory(Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException("temporary directory cannot be created", e);
        }
    }

    Path path() {
        return path;
    }

    /** Deletes the directory and its content. */
    @Override
    public void close() {
        ShutdownActions.unregister(deletion);
        delete();
    }

    /** A process that is about to end may still create files, hence several attempts. */
    private void delete() {
        IOException lastFailure = null;
        for (int attempt = 0; attempt < DELETE_ATTEMPTS; attempt++) {
            try {
                Files.walkFileTree(path, new Deleter());
                return;
            } catch (NoSuchFileException e) {
                lastFailure = e;
                if (Files.notExists(path)) {
                    return;
                }
            } catch (DirectoryNotEmptyException e) {
                lastFailure = e;
            } catch (IOException e) {
                throw new UncheckedIOException("directory cannot be deleted: " + path, e);
            }
        }
        throw new UncheckedIOException("directory cannot be deleted: " + path, lastFailure);
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
