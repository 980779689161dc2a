package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Pages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Links of the pages to files and headings of the project have a target. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

    @Test
    void everyLinkHasATarget() {
        TreeSet<String> dead = new TreeSet<>();
        for (String page : Pages.all()) {
            for (MatchResult match : LINK.matcher(Pages.text(page)).results().toList()) {
                if (!match.group(1).contains("://") && !leads(page, match.group(1))) {
                    dead.add(page + ": " + match.group(1));
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    @Test
    void theIndexNamesEveryPage() {
        String index = Pages.text("docs/README.md");
        assertThat(Pages.all())
                .filteredOn(page -> page.startsWith("docs/") && !page.equals("docs/README.md"))
                .allSatisfy(page -> assertThat(index).contains("(" + page.replace("docs/", "") + ")"));
    }

    private static boolean leads(String page, String link) {
        String file = link.replaceFirst("#.*", "");
        Path target = file.isEmpty()
                ? Path.of(page)
                : Path.of(page).resolveSibling(file).normalize();
        if (!Files.exists(Pages.root().resolve(target))) {
            return false;
        }
        return !link.contains("#") || anchors(target.toString()).contains(link.replaceFirst(".*#", ""));
    }

    /** The anchors that GitHub gives to headings. */
    private static Set<String> anchors(String page) {
        return Pages.text(page)
                .lines()
                .filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").strip().toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
