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

/** A folder that a broker works in, gone when it is closed and at the latest when the JVM ends. */
final class TempFolder implements AutoCloseable {
    private static final int DELETE_ROUNDS = 10;

    private final Path path;
    private final Runnable deletion = this::delete;

    private TempFolder(Path path) {
        this.path = path;
        AtExit.register(deletion);
    }

    static TempFolder create(String prefix) {
        try {
            return new TempFolder(Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder can be made", e);
        }
    }

    Path path() {
        return path;
    }

    /** Deletes the folder and all that is in it. */
    @Override
    public void close() {
        AtExit.unregister(deletion);
        delete();
    }

    /** A process that is just ending may still add files, hence the rounds. */
    private void delete() {
        IOException last = null;
        for (int round = 0; round < DELETE_ROUNDS; round++) {
            try {
                Files.walkFileTree(path, new Deleter());
                return;
            } catch (NoSuchFileException e) {
                last = e;
                if (Files.notExists(path)) {
                    return;
                }
            } catch (DirectoryNotEmptyException e) {
                last = e;
            } catch (IOException e) {
                throw new UncheckedIOException("folder cannot be deleted: " + path, e);
            }
        }
        throw new UncheckedIOException("folder cannot be deleted: " + path, last);
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
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
