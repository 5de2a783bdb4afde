package dev.holdfast.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of decision records names the classes that each explains, and those classes, and no others, refer to it. */
class DecisionRecordsTest {
    private static final Path FOLDER = Repository.ROOT.resolve("docs/adr");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| \\[\\d+]\\((\\S+?)\\) \\|.*\\|([^|]*)\\|$");
    private static final Pattern NAME = Pattern.compile("`(\\w+)`");
    private static final Pattern REFERENCE = Pattern.compile("docs/adr/(\\d{3}-[a-z0-9-]+\\.md)");

    @Test
    void each_record_and_the_classes_it_explains_refer_to_each_other() {
        assertThat(byTheClasses()).isEqualTo(byTheTable());
    }

    @Test
    void every_record_is_in_the_table() throws Exception {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())).filter(name -> name.matches("\\d.*")))
                    .isNotEmpty()
                    .allMatch(byTheTable()::containsKey);
        }
    }

    private static Map<String, Set<String>> byTheTable() {
        Map<String, Set<String>> classes = new TreeMap<>();
        ROW.matcher(Repository.read(FOLDER.resolve("README.md")))
                .results()
                .forEach(row -> NAME.matcher(row.group(2))
                        .results()
                        .forEach(name -> classes.computeIfAbsent(row.group(1), record -> new TreeSet<>())
                                .add(name.group(1))));
        return classes;
    }

    private static Map<String, Set<String>> byTheClasses() {
        Map<String, Set<String>> classes = new TreeMap<>();
        for (Path source : Repository.sources()) {
            String name = String.valueOf(source.getFileName()).replace(".java", "");
            REFERENCE
                    .matcher(Repository.read(source))
                    .results()
                    .forEach(reference -> classes.computeIfAbsent(reference.group(1), record -> new TreeSet<>())
                            .add(name));
        }
        return classes;
    }
}
