package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random logs on machines that do only a step or a few for each entry, so that most of what is over is still to be ended. */
class BacklogTest {
    private static final int LOGS = 150;
    private static final int ENTRIES = 60;

    @Test
    void what_is_over_is_granted_to_nobody_and_ends_in_the_entries_that_follow() throws CorruptSnapshotException {
        for (long seed = 1; seed <= LOGS; seed++) {
            try {
                new Run(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static List<LogEntry> log(Random random) {
        RandomLog clients = new RandomLog(random);
        CheckedMachine unbounded = new CheckedMachine();
        List<LogEntry> log = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            LogEntry entry = clients.next(unbounded.machine().nextDeadlineMs());
            log.add(entry);
            clients.learn(unbounded.apply(entry), unbounded.model());
        }
        return log;
    }

    private static final class Run {
        private final Random random;
        private final int steps;
        private final List<LogEntry> log;
        private final List<LogEntry> applied = new ArrayList<>();
        private final InvariantChecker invariants = new InvariantChecker();
        private final LockMachine machine;
        private LockMachine restored;

        /** The tokens of holds that were over before the entry, and how often each had been acquired. */
        private final Map<Long, Long> over = new HashMap<>();

        /** The acquires whose waits were over before the entry. */
        private final Set<Map.Entry<SessionId, Long>> waitsOver = new HashSet<>();

        Run(long seed) {
            random = new Random(seed);
            steps = 1 + random.nextInt(4);
            log = log(random);
            machine = new LockMachine(steps);
        }

        void run() throws CorruptSnapshotException {
            for (LogEntry entry : log) {
                step(entry);
                if (random.nextInt(15) == 0) {
                    restored = Snapshots.restore(Snapshots.takeAll(machine), steps);
                    assertThat(restored.stateHash()).isEqualTo(machine.stateHash());
                }
            }
            long stamp = machine.logTimeMs();
            for (int i = 0; machine.state.isBehind(); i++) {
                assertThat(i).as("ticks until nothing is left to do").isLessThan(10_000);
                step(new LogEntry(stamp, new Batch(List.of(new Command.Tick()), List.of())));
            }
            assertThat(machine.state.backlog.isEmpty()).isTrue();
            replay();
        }

        private void step(LogEntry entry) {
            long now = Math.max(machine.logTimeMs(), entry.stampMs());
            noteWhatIsOver(now);
            applied.add(entry);
            Applied result = machine.apply(applied.size(), entry.stampMs(), entry.batch());
            invariants.check(machine.state);
            checkNothingOverWasGranted(result);
            if (restored != null) {
                assertThat(restored.apply(applied.size(), entry.stampMs(), entry.batch()))
                        .isEqualTo(result);
                assertThat(restored.stateHash()).isEqualTo(machine.stateHash());
            }
        }

        private void noteWhatIsOver(long now) {
            over.clear();
            waitsOver.clear();
            for (LockableEntry entry : machine.state.lockables.inOrder()) {
                entry.streamOfHolds()
                        .filter(hold -> !hold.isAlive(now))
                        .forEach(hold -> over.put(hold.token, hold.joins()));
                for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
                    if (waiter.deadlineMs() <= now || waiter.session.ended()) {
                        waitsOver.add(Map.entry(waiter.session.id, waiter.acquireSequence));
                    }
                }
            }
        }

        private void checkNothingOverWasGranted(Applied result) {
            for (LockableEntry entry : machine.state.lockables.inOrder()) {
                for (Hold hold : entry.streamOfHolds().toList()) {
                    Long joins = over.get(hold.token);
                    assertThat(joins == null || (hold.joins() <= joins && !hold.isAlive(machine.logTimeMs())))
                            .as("hold %s was over, and is not any more", hold.token)
                            .isTrue();
                }
            }
            for (SessionEvents events : result.events()) {
                for (NumberedEvent event : events.events()) {
                    if (event.event() instanceof Event.WaitGranted granted) {
                        assertThat(waitsOver).doesNotContain(Map.entry(events.session(), granted.acquireSequence()));
                        assertThat(over).doesNotContainKey(granted.token());
                    } else if (event.event() instanceof Event.WaitGrantedAll granted) {
                        assertThat(waitsOver).doesNotContain(Map.entry(events.session(), granted.acquireSequence()));
                    }
                }
            }
        }

        private void replay() {
            LockMachine again = new LockMachine(steps);
            for (int i = 0; i < applied.size(); i++) {
                LogEntry entry = applied.get(i);
                again.apply(i + 1, entry.stampMs(), entry.batch());
            }
            assertThat(again.stateHash()).isEqualTo(machine.stateHash());
        }
    }
}
