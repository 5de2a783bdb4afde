package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One random log, applied to a checked machine. Meanwhile snapshots are captured in small steps, restored, brought up
 * to date with the tail of the log, and sometimes put in the machine's place. At the end the whole log is replayed.
 */
final class Simulation {
    private static final int ENTRIES = 60;
    private static final int SHOWN_ENTRIES = 12;

    private final long seed;
    private final Random random;
    private final RandomLog clients;
    private final CheckedMachine checked = new CheckedMachine();
    private final List<LogEntry> log = new ArrayList<>();
    private final List<Applied> applied = new ArrayList<>();
    private RunningCapture capture;

    Simulation(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.clients = new RandomLog(random);
    }

    /** A capture, and where in the log it began. */
    private static final class RunningCapture {
        private final SnapshotCapture capture;
        private final String hash;
        private final int appliedEntries;
        private final List<SnapshotImage> images = new ArrayList<>();

        private RunningCapture(LockMachine machine, int appliedEntries) {
            this.capture = machine.capture();
            this.hash = machine.stateHash();
            this.appliedEntries = appliedEntries;
        }
    }

    /** Runs {@code count} seeds from {@code first} on. */
    static void runMany(long first, long count) {
        for (long seed = first; seed < first + count; seed++) {
            new Simulation(seed).run();
        }
    }

    void run() {
        try {
            for (int i = 0; i < ENTRIES; i++) {
                step();
            }
            replay();
        } catch (Throwable e) {
            throw new AssertionError(report(), e);
        }
    }

    private void step() throws CorruptSnapshotException {
        LogEntry entry = clients.next(checked.machine().nextDeadlineMs());
        log.add(entry);
        Applied result = checked.apply(entry);
        applied.add(result);
        clients.learn(result, checked.model());
        snapshot();
    }

    private void snapshot() throws CorruptSnapshotException {
        if (capture == null) {
            if (random.nextInt(20) == 0) {
                capture = new RunningCapture(checked.machine(), log.size());
            }
            return;
        }
        capture.images.add(capture.capture.take(1 + random.nextInt(2)));
        if (capture.capture.isComplete()) {
            restore(capture);
            capture = null;
        }
    }

    private void restore(RunningCapture taken) throws CorruptSnapshotException {
        // Not encoded before: whatever was applied since must not have changed the images.
        LockMachine restored = Snapshots.restore(
                taken.images.stream().flatMap(image -> image.pieces().stream()).toList());
        assertThat(restored.stateHash()).as("hash of the restored state").isEqualTo(taken.hash);
        replay(restored, taken.appliedEntries);
        if (random.nextBoolean()) {
            checked.replaceBy(restored);
        }
    }

    private void replay() {
        replay(new LockMachine(), 0);
    }

    private void replay(LockMachine machine, int from) {
        for (int i = from; i < log.size(); i++) {
            LogEntry entry = log.get(i);
            assertThat(machine.apply(i + 1, entry.stampMs(), entry.batch()))
                    .as("what entry %s did when replayed", i + 1)
                    .isEqualTo(applied.get(i));
        }
        assertThat(machine.stateHash())
                .as("hash after the replay")
                .isEqualTo(checked.machine().stateHash());
    }

    private String report() {
        List<LogEntry> culprits = LogShrinker.shrink(log);
        StringBuilder report = new StringBuilder("seed " + seed + ", entry " + log.size());
        if (culprits.isEmpty()) {
            report.append(", fails only with snapshots; the last entries:");
            culprits = log.subList(Math.max(0, log.size() - SHOWN_ENTRIES), log.size());
        } else {
            report.append("; these entries alone make it fail:");
        }
        culprits.forEach(entry -> report.append("\n  ").append(entry));
        return report.append("\nreplay it with -Plong -Dtest=SimulationTest -Dholdfast.sim.seed=")
                .append(seed)
                .toString();
    }
}
