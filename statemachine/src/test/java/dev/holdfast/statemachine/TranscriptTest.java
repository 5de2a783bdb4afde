package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Replaying the transcripts in {@code src/test/resources/transcripts} must give the same results. After a change of
 * semantics, {@code -Dholdfast.transcripts.rewrite=true} rewrites them for review.
 */
class TranscriptTest {
    private static final Path TRANSCRIPTS = Path.of("src", "test", "resources", "transcripts");

    static Stream<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(TRANSCRIPTS)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("transcripts")
    void a_transcript_reads_as_written(Path file) throws IOException, CorruptSnapshotException {
        List<String> written = Files.readAllLines(file);
        List<String> played = Transcript.play(written);
        if (Boolean.getBoolean("holdfast.transcripts.rewrite")) {
            Files.write(file, played);
        } else {
            assertThat(played).isEqualTo(written);
        }
    }
}
