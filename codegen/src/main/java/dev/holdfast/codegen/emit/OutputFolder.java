package dev.holdfast.codegen.emit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The folder of generated sources. A file is written only when it changes, so that nothing is compiled in vain. */
public final class OutputFolder {
    private final Path root;

    public OutputFolder(Path root) {
        this.root = root;
    }

    /**
     * Writes what is new or changed and removes what is generated no more.
     *
     * @return how many files were written or removed
     */
    public int bringUpToDate(List<GeneratedFile> files) throws IOException {
        int changes = 0;
        Set<Path> current = new HashSet<>();
        for (GeneratedFile file : files) {
            Path path = root.resolve(file.path());
            current.add(path);
            if (!Files.exists(path) || !Files.readString(path).equals(file.content())) {
                Files.createDirectories(path.getParent());
                Files.writeString(path, file.content());
                changes++;
            }
        }
        return changes + removeStale(current);
    }

    /** Touches only what bears the generator's mark: a wrong path on the command line must not cost anyone their work. */
    private int removeStale(Set<Path> current) throws IOException {
        List<Path> stale;
        try (Stream<Path> paths = Files.walk(root)) {
            stale = paths.filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> !current.contains(path))
                    .toList();
        }
        int removed = 0;
        for (Path path : stale) {
            if (Files.readString(path).startsWith(GeneratedFile.MARK)) {
                Files.delete(path);
                removed++;
            }
        }
        return removed;
    }
}
