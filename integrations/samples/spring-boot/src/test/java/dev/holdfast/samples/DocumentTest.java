package dev.holdfast.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Java that docs/spring-boot.md shows is that of this module, which compiles and runs. */
class DocumentTest {
    private static final Path DOCUMENT = Path.of("../../../docs/spring-boot.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java[^\\n]*\\n(.*?)^```");

    @Test
    void what_the_document_shows_is_here() throws IOException {
        List<String> blocks = BLOCK.matcher(Files.readString(DOCUMENT))
                .results()
                .map(match -> match.group(1).strip())
                .toList();
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(3);
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            List<String> sources = files.filter(file -> file.toString().endsWith(".java"))
                    .map(DocumentTest::read)
                    .toList();
            assertThat(blocks)
                    .allSatisfy(block -> assertThat(sources)
                            .anySatisfy(source -> assertThat(source).contains(block)));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }
}
