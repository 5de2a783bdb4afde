package dev.holdfast.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotRestore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the benchmarks do, not how fast: one that is refused would be quick. */
class MicroBenchmarksTest {
    private static final int ROUNDS = 5;

    @Test
    void each_entry_releases_what_the_one_before_acquired() {
        ApplyBenchmark benchmark = new ApplyBenchmark();
        benchmark.holds = 3000;
        benchmark.holdOthers();
        benchmark.makeBatch();
        assertThat(outcomes(benchmark.acquireOrRelease()))
                .hasSize(ApplyBenchmark.COMMANDS / 2)
                .hasOnlyElementsOfType(Outcome.Granted.class);
        for (int i = 0; i < ROUNDS; i++) {
            benchmark.makeBatch();
            List<Outcome> outcomes = outcomes(benchmark.acquireOrRelease());
            assertThat(outcomes).hasSize(ApplyBenchmark.COMMANDS);
            assertThat(outcomes.subList(0, ApplyBenchmark.COMMANDS / 2)).containsOnly(new Outcome.Released(0));
            assertThat(outcomes.subList(ApplyBenchmark.COMMANDS / 2, ApplyBenchmark.COMMANDS))
                    .hasOnlyElementsOfType(Outcome.Granted.class);
            assertThat(benchmark.log.machine().holdCount()).isEqualTo(3000 + ApplyBenchmark.COMMANDS / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 250})
    void the_lock_goes_round_and_its_former_holder_queues_last(int waiters) {
        HandOverBenchmark benchmark = new HandOverBenchmark();
        benchmark.waiters = waiters;
        benchmark.queue();
        for (int i = 0; i < 2 * waiters + ROUNDS; i++) {
            Applied applied = benchmark.handOver();
            assertThat(outcomes(applied)).containsExactly(new Outcome.Released(0), new Outcome.Queued(waiters - 1));
            assertThat(applied.events()).hasSize(1);
            assertThat(applied.events().get(0).events())
                    .singleElement()
                    .satisfies(event -> assertThat(event.event()).isInstanceOf(Event.WaitGranted.class));
            assertThat(benchmark.log.machine().waiterCount()).isEqualTo(waiters);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void batches_and_replies_come_back_as_they_went(int commands) throws Exception {
        CodecBenchmark benchmark = new CodecBenchmark();
        benchmark.commands = commands;
        benchmark.fill();
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(benchmark.encodeBatch()).isNotEmpty();
            assertThat(benchmark.decodeBatch()).isEqualTo(benchmark.batch);
            assertThat(benchmark.decodeBatch().size()).isEqualTo(commands);
            assertThat(benchmark.encodeReply().isEmpty()).isFalse();
            assertThat(benchmark.decodeReply()).isEqualTo(benchmark.reply);
            assertThat(benchmark.decodeReply().outcomes()).hasSize(commands);
        }
    }

    @Test
    void a_snapshot_has_all_holds() throws Exception {
        SnapshotBenchmark benchmark = new SnapshotBenchmark();
        benchmark.holds = 3000;
        benchmark.hold();
        for (int i = 0; i < ROUNDS; i++) {
            assertThat(restored(benchmark.captureHold()).holdCount()).isEqualTo(3000);
            assertThat(benchmark.restoreHold().holdCount()).isEqualTo(3000);
        }
    }

    @Test
    void turns_make_snapshots_one_after_the_other() throws Exception {
        SnapshotTurnBenchmark benchmark = new SnapshotTurnBenchmark();
        benchmark.holds = 3000;
        benchmark.hold();
        for (int i = 0; i < ROUNDS; i++) {
            List<byte[]> pieces = new ArrayList<>();
            do {
                pieces.addAll(benchmark.turn().pieces());
            } while (!benchmark.capture.isComplete());
            assertThat(restored(pieces).holdCount()).isEqualTo(3000);
        }
    }

    @Test
    void another_outcome_than_the_expected_ends_a_benchmark() {
        assertThatThrownBy(() -> Expected.as(Outcome.Granted.class, new Outcome.Queued(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected Granted, not Queued");
    }

    private static List<Outcome> outcomes(Applied applied) {
        return applied.replies().get(0).outcomes().stream()
                .map(SequencedOutcome::outcome)
                .toList();
    }

    private static LockMachine restored(List<byte[]> pieces) throws Exception {
        SnapshotRestore restore = new SnapshotRestore();
        for (byte[] piece : pieces) {
            restore.accept(piece);
        }
        return restore.finish();
    }
}
