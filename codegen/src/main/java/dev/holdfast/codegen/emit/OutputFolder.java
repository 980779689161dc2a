package dev.holdfast.codegen.emit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The folder of generated sources. Writes a file only if it changed, to avoid needless recompilation. */
public final class OutputFolder {
    private final Path root;

    public OutputFolder(Path root) {
        this.root = root;
    }

    /**
     * Writes new and changed files and removes those no longer generated.
     *
     * @return the number of files written or removed
     */
    public int bringUpToDate(List<GeneratedFile> files) throws IOException {
        int changes = 0;
        Set<Path> generated = new HashSet<>();
        for (GeneratedFile file : files) {
            Path path = root.resolve(file.path());
            generated.add(path);
            if (!Files.exists(path) || !Files.readString(path).equals(file.content())) {
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.content());
                changes++;
            }
        }
        return changes + removeStale(generated);
    }

    /** Removes only files with the generator's marker: a wrong path must not delete handwritten sources. */
    private int removeStale(Set<Path> generated) throws IOException {
        List<Path> stale;
        try (Stream<Path> paths = Files.walk(root)) {
            stale = paths.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !generated.contains(path))
                    .toList();
        }
        int removed = 0;
        for (Path path : stale) {
            if (Files.readString(path).startsWith(GeneratedFile.MARKER)) {
                Files.delete(path);
                removed++;
            }
        }
        return removed;
    }
}
