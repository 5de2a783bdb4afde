package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFolderTest {
    @TempDir
    Path above;

    private Path folder;

    @BeforeEach
    void name() {
        folder = above.resolve("data");
    }

    private static void fill(Path content, String text) throws IOException {
        Files.writeString(Files.createDirectories(content.resolve("a")).resolve("file"), text);
        Files.writeString(content.resolve("last"), text);
    }

    private void make(String text) throws IOException {
        StagedFolder staged = StagedFolder.in(folder);
        fill(staged.content(), text);
        staged.finish("last");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void the_content_appears_and_nothing_else() throws IOException {
        make("one");

        assertThat(names()).containsExactly("a", "last");
        assertThat(folder.resolve("a/file")).hasContent("one");
    }

    @Test
    void a_folder_with_anything_in_it_is_refused_and_not_touched() throws IOException {
        make("one");

        assertThatThrownBy(() -> make("two"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not empty: it has a")
                .hasMessageContaining("Nothing was changed");

        assertThat(names()).containsExactly("a", "last");
        assertThat(folder.resolve("a/file")).hasContent("one");
    }

    @Test
    void what_is_left_of_an_attempt_that_came_to_no_end_is_replaced() throws IOException {
        fill(StagedFolder.in(folder).content(), "one");

        make("two");

        assertThat(names()).containsExactly("a", "last");
        assertThat(folder.resolve("a/file")).hasContent("two");
    }

    /** As if it had ended after so many of the files had been moved. */
    private void interruptAfterMoving(int moved) throws IOException {
        fill(StagedFolder.in(folder).content(), "one");
        Path staging = folder.resolve("restore.unfinished");
        Files.writeString(staging.resolve("moving"), "a\nlast");
        for (String name : List.of("a", "last").subList(0, moved)) {
            Files.move(staging.resolve("content").resolve(name), folder.resolve(name));
        }
    }

    @Test
    void so_is_one_that_ended_while_its_content_was_moved() throws IOException {
        for (int moved = 0; moved <= 2; moved++) {
            interruptAfterMoving(moved);

            make("two");

            assertThat(names()).containsExactly("a", "last");
            assertThat(folder.resolve("a/file")).hasContent("two");
            StagedFolder.delete(folder);
        }
    }

    @Test
    void but_not_if_a_peer_has_used_it_since_or_there_is_something_else() throws IOException {
        interruptAfterMoving(1);
        Files.createFile(folder.resolve("a/in-use.lock"));

        assertThatThrownBy(() -> make("two")).hasMessageContaining("a peer was started from");
        assertThat(folder.resolve("a/file")).hasContent("one");

        Files.delete(folder.resolve("a/in-use.lock"));
        Files.createFile(folder.resolve("mine"));
        assertThatThrownBy(() -> make("two")).hasMessageContaining("is not empty: it has mine");
        assertThat(folder.resolve("a/file")).hasContent("one");
    }
}
