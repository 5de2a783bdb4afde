package dev.holdfast.node.internal.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.access.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StaticTokensTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final String HASH = "sha256:" + "ab".repeat(32);

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name_the_file() {
        file = folder.resolve("tokens");
    }

    private StaticTokens tokens() throws IOException {
        return new StaticTokens(file, () -> NOW, Duration.ZERO);
    }

    @Test
    void a_token_that_was_added_stands_for_its_principal_and_is_not_in_the_file() throws Exception {
        String token = TokenFile.add(file, "orders", List.of("services", "eu"), null);

        assertThat(tokens().check(token)).isEqualTo(new Principal("orders", Set.of("services", "eu")));
        assertThat(Files.readString(file)).doesNotContain(token).startsWith("orders,@services,@eu sha256:");
        assertThat(Files.getPosixFilePermissions(file))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void one_that_is_added_to_a_file_without_a_last_line_break_has_a_line_of_its_own() throws Exception {
        Files.writeString(file, "alice " + HASH);
        String token = TokenFile.add(file, "bob", List.of(), null);

        assertThat(tokens().check(token).name()).isEqualTo("bob");
        assertThat(Files.readAllLines(file)).hasSize(2);
    }

    @Test
    void a_name_may_have_two_tokens_while_one_replaces_the_other() throws Exception {
        String old = TokenFile.add(file, "bob", List.of(), null);
        String fresh = TokenFile.add(file, "bob", List.of(), null);

        assertThat(tokens().check(old)).isEqualTo(tokens().check(fresh));
    }

    @Test
    void an_unknown_token_is_refused() throws Exception {
        TokenFile.add(file, "bob", List.of(), null);

        assertDenied("x".repeat(43), Denial.UNKNOWN_TOKEN, "the token is not known here");
    }

    @Test
    void one_too_short_to_be_random_is_refused_even_if_its_hash_is_in_the_file() throws Exception {
        Files.writeString(file, "bob sha256:" + java.util.HexFormat.of().formatHex(TokenFile.hash("hunter2")) + "\n");

        assertDenied("hunter2", Denial.NOT_A_TOKEN, "the token has fewer than 22 characters, so it is none");
    }

    @Test
    void a_token_is_refused_from_the_moment_it_expires() throws Exception {
        String expired = TokenFile.add(file, "bob", List.of(), NOW);
        String valid = TokenFile.add(file, "bob", List.of(), NOW.plusSeconds(1));

        assertDenied(expired, Denial.EXPIRED, "the token of 'bob' expired at 2026-06-01T12:00:00Z");
        assertThat(tokens().check(valid).name()).isEqualTo("bob");
    }

    @Test
    void a_change_of_the_file_counts_at_once() throws Exception {
        String old = TokenFile.add(file, "bob", List.of(), null);
        StaticTokens tokens = tokens();
        Files.delete(file);
        String fresh = TokenFile.add(file, "robert", List.of(), null);

        assertThat(tokens.check(fresh).name()).isEqualTo("robert");
        assertThatThrownBy(() -> tokens.check(old)).isInstanceOf(DeniedException.class);
    }

    @Test
    void a_broken_file_keeps_what_was_there_before_until_it_is_repaired() throws Exception {
        String token = TokenFile.add(file, "bob", List.of(), null);
        String content = Files.readString(file);
        StaticTokens tokens = tokens();

        Files.writeString(file, "nonsense\n");
        assertThat(tokens.check(token).name()).isEqualTo("bob");
        Files.delete(file);
        assertThat(tokens.check(token).name()).isEqualTo("bob");
        Files.writeString(file, content.replace("bob", "robert"));
        assertThat(tokens.check(token).name()).isEqualTo("robert");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "alice|expected 'name[,@group...] sha256:HEX [expires INSTANT]'",
                "alice HASH until 2027-01-01T00:00:00Z|expected 'name[,@group...] sha256:HEX [expires INSTANT]'",
                "alice HASH expires soon|'soon' is no instant like 2027-01-31T00:00:00Z",
                "alice secret|the second word should be 'sha256:' and 64 hexadecimal digits",
                "alice,ops HASH|'ops' should be a group, which begins with '@'",
                "@ops HASH|the name '@ops' begins with '@', as groups do",
                "member:a HASH|the name 'member:a' is a member's",
                "* HASH|the name '*' stands for everybody"
            })
    void a_malformed_line_is_named_at_the_start(String line, String problem) throws Exception {
        Files.writeString(file, "# comment\n\n" + line.replace("HASH", HASH) + "\n");

        assertThatThrownBy(this::tokens).isInstanceOf(IOException.class).hasMessage(file + ", line 3: " + problem);
    }

    @Test
    void the_same_token_in_two_lines_would_be_two_principals() throws Exception {
        Files.writeString(file, "alice " + HASH + "\nbob " + HASH + "\n");

        assertThatThrownBy(this::tokens).hasMessage(file + ", line 2: the same token stands in another line already");
    }

    @Test
    void a_file_that_is_missing_is_an_error_at_the_start() {
        assertThatThrownBy(this::tokens).isInstanceOf(IOException.class).hasMessageContaining(file + " cannot be read");
    }

    private void assertDenied(String token, Denial denial, String message) throws IOException {
        StaticTokens tokens = tokens();
        assertThatThrownBy(() -> tokens.check(token))
                .isInstanceOfSatisfying(
                        DeniedException.class, e -> assertThat(e.denial()).isEqualTo(denial))
                .hasMessage(message);
    }
}
