package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The Markdown pages of the project, and the fenced blocks in them. */
public final class Pages {
    private static final String FENCE = "```";

    private Pages() {}

    /**
     * A fenced block of a page.
     *
     * @param page the path of the page in the project
     * @param line the number of the fence's line
     * @param language the word behind the fence, "" if there is none
     * @param before the last line before the fence that is not empty, where a marker may stand
     * @param text the lines between the fences
     */
    public record Block(String page, int line, String language, String before, String text) {
        /** Page and line. */
        @Override
        public String toString() {
            return page + ":" + line;
        }
    }

    /** The README and CONTRIBUTING pages, and those in docs/, by their paths in the project. */
    public static List<String> all() {
        try (Stream<Path> docs = Files.list(root().resolve("docs"))) {
            return Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md"),
                            docs.map(file -> "docs/" + file.getFileName()).filter(name -> name.endsWith(".md")))
                    .filter(page -> Files.exists(root().resolve(page)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of a page. */
    public static String text(String page) {
        try {
            return Files.readString(root().resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All fenced blocks of a page, in order. */
    public static List<Block> blocks(String page) {
        List<Block> blocks = new ArrayList<>();
        String before = "";
        String language = "";
        StringBuilder text = null;
        int number = 0;
        int start = 0;
        for (String line : text(page).lines().toList()) {
            number++;
            if (text == null && line.startsWith(FENCE)) {
                text = new StringBuilder();
                language = line.substring(FENCE.length()).trim();
                start = number;
            } else if (text != null && line.startsWith(FENCE)) {
                blocks.add(new Block(page, start, language, before, text.toString()));
                text = null;
                before = "";
            } else if (text != null) {
                text.append(line).append('\n');
            } else if (!line.isBlank()) {
                before = line;
            }
        }
        return blocks;
    }

    /** The folder of the whole project. */
    public static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("docs")) ? here : here.getParent();
    }
}
