package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
    @TempDir
    Path folder;

    @Test
    void a_new_one_can_be_read_by_its_owner_alone_and_is_never_replaced() throws Exception {
        Path file = folder.resolve("secret");
        SecretFile.create(file);
        String first = Files.readString(file);
        assertThat(first.strip()).hasSizeGreaterThanOrEqualTo(32).doesNotContain("\n");
        assertThat(SecretFile.read(file)).isNotNull();
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThatThrownBy(() -> SecretFile.create(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.readString(file)).isEqualTo(first);
        SecretFile.create(folder.resolve("another"));
        assertThat(Files.readString(folder.resolve("another"))).isNotEqualTo(first);
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void one_that_is_no_secret_is_refused() throws Exception {
        Path file = Files.writeString(folder.resolve("short"), "password" + " ".repeat(100) + "\n");
        assertThatThrownBy(() -> SecretFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("8 bytes")
                .hasMessageContaining("holdfast secret FILE");
        Path large = Files.writeString(folder.resolve("large"), "x".repeat(5000));
        assertThatThrownBy(() -> SecretFile.read(large))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("4096");
        assertThatThrownBy(() -> SecretFile.read(folder.resolve("absent"))).isInstanceOf(IOException.class);
    }

    @Test
    void the_one_of_this_user_is_made_once_and_not_used_where_others_can_read_it() throws Exception {
        SecretFile.ofThisUser(folder.toString());
        Path file = folder.resolve(".holdfast/members.secret");
        String made = Files.readString(file);
        SecretFile.ofThisUser(folder.toString());
        assertThat(Files.readString(file)).isEqualTo(made);
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> SecretFile.ofThisUser(folder.toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod 600")
                .hasMessageContaining("the same for all members");
    }

    @Test
    void a_user_without_a_home_is_told_to_set_a_secret() {
        for (String home : new String[] {null, "?", "relative"}) {
            assertThatThrownBy(() -> SecretFile.ofThisUser(home))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no home folder")
                    .hasMessageContaining("user.home is " + home)
                    .hasMessageContaining("holdfast secret FILE")
                    .hasMessageContaining("secret-file");
        }
        assertThat(Path.of("?")).doesNotExist();
    }

    @Test
    void a_home_that_takes_no_files_is_named_with_what_to_do() throws Exception {
        Path home = Files.writeString(folder.resolve("home"), "a file, where no folder can be made");
        assertThatThrownBy(() -> SecretFile.ofThisUser(home.toString()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(home.resolve(".holdfast/members.secret") + " cannot be used")
                .hasMessageContaining("holdfast secret FILE")
                .hasMessageContaining("secret-file");
    }
}
