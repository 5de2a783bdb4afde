package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.internal.storage.Acknowledged;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageWatchTest {
    @TempDir
    Path folder;

    private final AtomicLong index = new AtomicLong();

    private long written(StorageWatch.Mark mark, long now) throws IOException {
        index.set(now);
        mark.write();
        return new Acknowledged(folder.resolve("group")).read();
    }

    private StorageWatch.Mark mark() throws IOException {
        return new StorageWatch.Mark(folder.resolve("group"), index::get);
    }

    @Test
    void what_is_written_was_so_a_second_ago_and_still_is() throws IOException {
        StorageWatch.Mark mark = mark();
        assertThat(written(mark, 10)).isEqualTo(-1);
        assertThat(written(mark, 20)).isEqualTo(10);
        assertThat(written(mark, 15)).isEqualTo(15);
        assertThat(written(mark, 30)).isEqualTo(15);
        assertThat(written(mark, 30)).isEqualTo(30);
    }

    @Test
    void after_a_restart_it_does_not_fall_back() throws IOException {
        StorageWatch.Mark before = mark();
        assertThat(written(before, 30)).isEqualTo(-1);
        assertThat(written(before, 30)).isEqualTo(30);
        StorageWatch.Mark mark = mark();
        assertThat(written(mark, 5)).isEqualTo(30);
        assertThat(written(mark, 5)).isEqualTo(30);
        assertThat(written(mark, 40)).isEqualTo(30);
        assertThat(written(mark, 40)).isEqualTo(40);
    }
}
