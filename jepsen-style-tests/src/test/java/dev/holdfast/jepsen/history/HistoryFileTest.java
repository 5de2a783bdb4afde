package dev.holdfast.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
    private static final Call ACQUIRE = new Call.Acquire("alice", 2, 5, false, Call.Lease.TTL, 2000);
    private static final Result SEEN =
            new Result.Seen(List.of(new Result.HoldSeen("alice", 9_007_199_254_740_993L, 2)), List.of("bob"));

    @TempDir
    Path folder;

    @Test
    void what_was_written_is_read_back() throws Exception {
        Path path = folder.resolve("history");
        try (HistoryFile file = HistoryFile.append(path)) {
            long first = file.invoked(1, "key", ACQUIRE, 10);
            long second = file.invoked(2, "key", new Call.Inspect(), 11);
            file.completed(second, SEEN, 12);
            file.completed(first, new Result.Unknown("no answer"), 13);
            file.invoked(3, "other", new Call.Read(), 14);
        }
        assertThat(HistoryFile.read(path))
                .containsExactly(
                        new Operation(1, "key", ACQUIRE, new Result.Unknown("no answer"), 10, Operation.NEVER),
                        new Operation(2, "key", new Call.Inspect(), SEEN, 11, 12),
                        new Operation(
                                3,
                                "other",
                                new Call.Read(),
                                new Result.Unknown("nothing more was heard"),
                                14,
                                Operation.NEVER));
    }

    @Test
    void a_line_that_was_cut_off_is_left_out() throws Exception {
        Path path = folder.resolve("history");
        try (HistoryFile file = HistoryFile.append(path)) {
            file.invoked(1, "key", ACQUIRE, 10);
        }
        Files.writeString(path, "{\"id\":1,\"result\":{\"Gran", StandardOpenOption.APPEND);
        assertThat(HistoryFile.read(path)).singleElement().matches(Operation::isUnknown);
    }

    @Test
    void every_kind_of_call_and_result_has_a_name_of_its_own() {
        assertThat(Call.class.getPermittedSubclasses())
                .extracting(Class::getSimpleName)
                .doesNotHaveDuplicates();
        assertThat(Result.class.getPermittedSubclasses())
                .extracting(Class::getSimpleName)
                .doesNotHaveDuplicates();
    }
}
