package dev.holdfast.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReleaseTest {
    static Stream<Path> recorded() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("src", "test", "resources", "recorded"))) {
            return folders.map(folder -> folder.resolve("lib")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void what_was_recorded_is_run_with_no_class_of_the_present_build(Path lib) throws IOException {
        List<Path> entries = Stream.of(Release.in(lib).classPath().split(File.pathSeparator, -1))
                .map(Path::of)
                .toList();
        assertThat(entries)
                .allMatch(Files::isRegularFile)
                .anyMatch(entry -> entry.toString().contains("ratis"));
        assertThat(entries)
                .filteredOn(entry -> entry.getFileName().toString().startsWith("holdfast-"))
                .isNotEmpty()
                .allMatch(entry -> lib.toAbsolutePath().equals(entry.getParent()));
    }
}
