package dev.holdfast.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link from one page to another file leads somewhere, and so does every link to a heading. */
class LinksTest {
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```|`[^`\\n]*`");
    private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

    @Test
    void links_lead_somewhere() {
        List<String> broken =
                Repository.pages().stream().flatMap(LinksTest::brokenLinks).toList();
        assertThat(broken).isEmpty();
    }

    @Test
    void the_readme_has_links() {
        assertThat(links(Repository.ROOT.resolve("README.md"))).hasSizeGreaterThan(10);
    }

    private static Stream<String> links(Path page) {
        String prose = CODE.matcher(Repository.read(page)).replaceAll("");
        return LINK.matcher(prose).results().map(link -> link.group(1)).filter(link -> !link.contains("://"));
    }

    private static Stream<String> brokenLinks(Path page) {
        return links(page).filter(link -> !leadsSomewhere(page, link)).map(link -> Repository.name(page) + ": " + link);
    }

    private static boolean leadsSomewhere(Path page, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return hash < 0 || anchors(target).contains(link.substring(hash + 1));
    }

    /** As the usual hosts of Markdown make them. */
    private static Set<String> anchors(Path page) {
        String text = Pattern.compile("(?ms)^ *```.*?^ *```")
                .matcher(Repository.read(page))
                .replaceAll("");
        return HEADING.matcher(text)
                .results()
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
