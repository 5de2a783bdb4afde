package dev.holdfast.server.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Holdfast;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.server.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    @TempDir
    Path folder;

    private void run() throws IOException {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start()) {
            node.client()
                    .createLock()
                    .acquire(
                            Holdfast.createLockOwner("user").of("alice"),
                            Holdfast.createLockable("thing").of())
                    .orThrow();
        }
    }

    private Path log() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("log_"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void a_sound_folder() throws IOException {
        run();
        CommandRun check = CommandRun.of("check", "--data", folder).ended(0);
        assertThat(check.out().get(0)).startsWith("group ");
        assertThat(check.out().get(1)).startsWith("  log: entries 0 to ").contains("the last of term 1; 1 file, ");
        assertThat(check.out()).hasSize(3).endsWith("all of it can be read");
        assertThat(check.err()).isEmpty();
    }

    @Test
    void a_damaged_folder() throws IOException {
        run();
        Path log = log();
        byte[] bytes = Files.readAllBytes(log);
        bytes[12] ^= 1;
        Files.write(log, bytes);
        CommandRun check = CommandRun.of("check", "--data", folder).ended(74);
        assertThat(check.out())
                .anySatisfy(line -> assertThat(line).startsWith("  damaged: " + log + " is damaged at byte 8: "));
        assertThat(check.errLine()).isEqualTo("holdfast: " + folder + " is damaged");
    }

    @Test
    void what_is_no_data_folder() {
        assertThat(CommandRun.of("check", "--data", folder.resolve("none"))
                        .ended(74)
                        .errLine())
                .contains("is not the data folder of a peer");
    }
}
