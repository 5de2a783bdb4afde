package dev.holdfast.server.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.access.TokenFile;
import dev.holdfast.server.CommandRun;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    private Path folder;

    private Path tokens = Path.of("");

    @BeforeEach
    void a_file() {
        tokens = folder.resolve("tokens");
    }

    private static String hash(String token) {
        return HexFormat.of().formatHex(TokenFile.hash(token));
    }

    @Test
    void a_token_is_printed_and_only_its_hash_is_kept() throws Exception {
        CommandRun run = CommandRun.of(
                        "token", "alice", "--file", tokens, "--group", "ops", "--group", "staff", "--days", "30")
                .ended(0);

        String token = run.outLine();
        String until = LocalDate.now(ZoneOffset.UTC).plusDays(30).toString();
        assertThat(Files.readString(tokens))
                .startsWith("alice,@ops,@staff sha256:" + hash(token) + " expires " + until)
                .doesNotContain(token);
        assertThat(run.errLine())
                .contains("alice", until, tokens.toString())
                .doesNotContain(token)
                .doesNotContain(hash(token));
    }

    @Test
    void a_token_in_a_file_is_for_its_owners_eyes_alone_and_replaces_none() throws Exception {
        Path file = folder.resolve("alice.token");
        assertThat(CommandRun.of("token", "alice", "--file", tokens, "--out", file)
                        .ended(0)
                        .out())
                .isEmpty();
        String token = Files.readString(file);
        assertThat(Files.readString(tokens)).contains(hash(token.strip()));
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        String hashes = Files.readString(tokens);
        assertThat(CommandRun.of("token", "alice", "--file", tokens, "--out", file)
                        .ended(74)
                        .errLine())
                .contains("alice.token exists", "another file");
        assertThat(Files.readString(file)).isEqualTo(token);
        assertThat(Files.readString(tokens)).isEqualTo(hashes);
    }

    @Test
    void what_is_malformed_makes_nothing() {
        Path file = folder.resolve("a.token");
        assertThat(CommandRun.of("token", "a b", "--file", tokens, "--out", file)
                        .ended(2)
                        .err()
                        .get(0))
                .contains("'a b'");
        assertThat(CommandRun.of("token", "a", "--file", tokens, "--days", "-1")
                        .ended(2)
                        .err()
                        .get(0))
                .contains("--days is -1");
        assertThat(CommandRun.of("token", "a").ended(2).err().get(0)).contains("--file");
        assertThat(folder).isEmptyDirectory();
    }
}
