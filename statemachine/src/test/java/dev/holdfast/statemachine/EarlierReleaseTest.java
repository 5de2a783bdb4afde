package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.BatchCodec;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * While members of two releases are together, the machines of both apply one log, and restore each other's snapshots. They have to
 * remain copies of one another until the cluster switches to newer semantics.
 */
class EarlierReleaseTest {
    /** The jars of each release that was recorded are here, for all modules. */
    private static final Path RECORDED = Path.of("..", "jepsen-style-tests", "src", "test", "resources", "recorded");

    private static final int SEEDS = 15;
    private static final int MANY_SEEDS = 1000;
    private static final int ENTRIES = 60;

    static Stream<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.map(folder -> folder.resolve("lib")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void machines_of_two_releases_remain_copies_of_one_another(Path lib) throws Exception {
        compare(lib, 1, SEEDS);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("releases")
    void machines_of_two_releases_remain_copies_of_one_another_after_many_logs(Path lib) throws Exception {
        compare(lib, SEEDS + 1, MANY_SEEDS);
    }

    private static void compare(Path lib, long first, long last) throws Exception {
        try (URLClassLoader release = EarlierMachine.load(lib)) {
            int known = EarlierMachine.semantics(release);
            for (long seed = first; seed <= last; seed++) {
                compare(seed, EarlierMachine.of(release), known);
            }
        }
    }

    private static void compare(long seed, EarlierMachine earlier, int known) throws Exception {
        Random random = new Random(seed);
        RandomLog clients = new RandomLog(random);
        CheckedMachine present = new CheckedMachine();
        for (long index = 1; index <= ENTRIES; index++) {
            LogEntry made = clients.next(present.machine().nextDeadlineMs());
            LogEntry entry = new LogEntry(made.stampMs(), knownTo(known, made.batch()));
            byte[] bytes = BatchCodec.encode(entry.batch(), 0);
            Applied applied = present.apply(entry);
            clients.learn(applied, present.model());
            assertThat(withoutChanges(earlier.apply(index, entry.stampMs(), bytes)))
                    .as("what entry %s of seed %s did", index, seed)
                    .isEqualTo(withoutChanges(applied.toString()));
            assertThat(earlier.stateHash())
                    .as("state after entry %s of seed %s", index, seed)
                    .isEqualTo(present.machine().stateHash());
            switch (random.nextInt(10)) {
                case 0 -> earlier.restore(Snapshots.takeAll(present.machine()));
                case 1 -> present.replaceBy(Snapshots.restore(earlier.snapshot()));
                default -> {}
            }
        }
    }

    /** What is told of changes is no part of the state, and a release tells what it can. */
    private static String withoutChanges(String applied) {
        int begin = applied.indexOf(", changes=[");
        return begin < 0 ? applied : applied.substring(0, begin) + "]";
    }

    /** Without what a leader writes only once all members know it. */
    private static Batch knownTo(int known, Batch batch) {
        List<SystemCommand> system = batch.system().stream()
                .filter(command -> !(command instanceof Command.Activate activate) || activate.semantics() <= known)
                .filter(command -> known >= ProtocolVersion.JOIN_TOKENS
                        || !(command instanceof Command.OfferJoin
                                || command instanceof Command.UseJoin
                                || command instanceof Command.EndJoin
                                || command instanceof Command.WithdrawJoin
                                || command instanceof Command.RecordAudit))
                .toList();
        return new Batch(system, batch.sessions());
    }

    @ParameterizedTest
    @MethodSource("releases")
    void an_earlier_release_stops_at_the_switch_and_takes_no_snapshot_from_behind_it(Path lib) throws Exception {
        try (URLClassLoader release = EarlierMachine.load(lib)) {
            int next = EarlierMachine.semantics(release) + 1;
            Batch batch = new Batch(List.of(new Command.Activate(next)), List.of());
            String words = "semantics up to " + (next - 1);
            assertThatThrownBy(() -> EarlierMachine.of(release).apply(1, 0, BatchCodec.encode(batch, 0)))
                    .rootCause()
                    .hasMessageContaining(words);
            if (next <= ProtocolVersion.SEMANTICS) {
                LockMachine present = new LockMachine();
                var unused = present.apply(1, 0, batch);
                assertThatThrownBy(() -> EarlierMachine.of(release).restore(Snapshots.takeAll(present)))
                        .rootCause()
                        .hasMessageContaining(words);
            }
        }
    }
}
