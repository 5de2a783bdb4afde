package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * States as large as the limits permit, in each direction alone and in the worst pairs: each is captured while entries are
 * applied, restored, listed, and taken down at one stroke. What is printed is for comparison; the bound on a turn is far from
 * what it should be, so that only a turn whose length depends on the state fails.
 */
@Tag("long")
class AtTheLimitsTest {
    private static final long TURN_NANOS_MAX = 300_000_000L;
    private static final int MANY = 300_000;

    private interface Shape {
        void fill(Filled state);
    }

    @TestFactory
    List<DynamicTest> every_turn_is_short_and_every_snapshot_can_be_read() {
        int waiters = Limits.WAITERS_PER_LOCKABLE_MAX;
        return List.of(
                test("one queue", state -> state.queues(1, waiters)),
                test("twelve queues", state -> state.queues(12, waiters)),
                test("200 queues", state -> state.queues(200, 2500)),
                test("leases due together", state -> state.leases(MANY)),
                test("holds of one session", state -> state.holds(MANY)),
                test("holders of one semaphore", state -> state.holders(Limits.HOLDERS_PER_LOCKABLE_MAX)),
                test("holders and a queue", state -> {
                    state.holders(Limits.HOLDERS_PER_LOCKABLE_MAX);
                    state.queueForPermits(waiters);
                }),
                test("events", state -> state.events(Limits.UNACKNOWLEDGED_EVENTS_MAX)),
                test("outcomes", state -> state.outcomes(Limits.UNACKNOWLEDGED_OUTCOMES_MAX)),
                test("sessions", state -> state.sessions(Limits.SESSIONS_MAX - 10)),
                test("rules and audit", Filled::rules),
                test("long keys", state -> state.longKeys(100_000)));
    }

    private static DynamicTest test(String name, Shape shape) {
        return DynamicTest.dynamicTest(name, () -> new Filled(name).check(shape));
    }

    private static final class Filled {
        private final String name;
        private final SessionId bystander;
        private SessionId busy;
        private LockMachine machine = new LockMachine();
        private long stamp = 1000;
        private long sequence;
        private long longestApply;
        private long longestTake;
        private int entries;

        Filled(String name) {
            this.name = name;
            this.bystander = open(1);
            this.busy = open(2);
        }

        void check(Shape shape) throws CorruptSnapshotException {
            shape.fill(this);
            longestApply = 0;
            String before = machine.stateHash();
            List<SnapshotImage> images = capture();
            LockMachine restored = restore(images, before);
            long listing = timed(() -> machine.answer(new Query.ListLockables("", null, Limits.PAGE_SIZE_MAX)));
            takeDown();
            assertThat(machine.holdCount() + machine.waiterCount()).isZero();
            System.out.printf(
                    "%-26s longest apply %4d ms, longest turn of a snapshot %4d ms, page %4d ms, taken down by %d entries%n",
                    name, ms(longestApply), ms(longestTake), ms(listing), entries);
            assertThat(longestApply).as("longest apply").isLessThan(TURN_NANOS_MAX);
            assertThat(longestTake).as("longest turn").isLessThan(TURN_NANOS_MAX);
            assertThat(listing).as("a page").isLessThan(TURN_NANOS_MAX);
            assertThat(restored.sessionCount()).isPositive();
        }

        /** While a bystander acquires and releases, and every queue moves. */
        private List<SnapshotImage> capture() {
            List<SnapshotImage> images = new ArrayList<>();
            SnapshotCapture capture = machine.capture();
            for (int i = 0; !capture.isComplete(); i++) {
                longestTake = Math.max(longestTake, timed(() -> images.add(capture.take(512))));
                if (i % 16 == 0) {
                    int now = i;
                    send(bystander, 1, each -> new Command.CancelAcquire(1));
                    send(busy, 1, each -> Acquires.mutex(LockableKey.mutex("b" + now), ANN, false, Lease.SESSION, 0));
                }
            }
            return images;
        }

        private static LockMachine restore(List<SnapshotImage> images, String hash) throws CorruptSnapshotException {
            SnapshotRestore restore = new SnapshotRestore();
            for (SnapshotImage image : images) {
                image.writeTo(piece -> {
                    assertThat(piece.length).isLessThan(2 << 20);
                    restore.accept(piece);
                });
            }
            LockMachine restored = restore.finish();
            assertThat(restored.stateHash()).isEqualTo(hash);
            return restored;
        }

        private void takeDown() {
            stamp += 3_600_000;
            List<Command.SystemCommand> ends = new ArrayList<>(List.of(new Command.Tick()));
            machine.forEachSession(open -> {
                if (ends.size() < 1000) {
                    ends.add(new Command.ExpireSession(open.session()));
                }
            });
            apply(new Batch(ends, List.of()));
            for (entries = 1; machine.state.isBehind(); entries++) {
                apply(new Batch(List.of(new Command.Tick()), List.of()));
            }
        }

        void queues(int queues, int each) {
            for (int q = 0; q < queues; q++) {
                LockableKey mutex = LockableKey.mutex("q" + q);
                busy = open(100 + q);
                send(busy, 1, i -> Acquires.mutex(mutex, ANN, false, Lease.SESSION, 0));
                send(busy, each, i -> Acquires.mutex(mutex, Owner.of("user", "w" + i), false, Lease.SESSION, 60_000));
            }
        }

        void leases(int leases) {
            send(busy, leases, i -> Acquires.mutex(LockableKey.mutex("k" + i), ANN, false, Lease.ttl(60_000), 0));
        }

        void holds(int holds) {
            send(busy, holds, i -> Acquires.mutex(LockableKey.mutex("k" + i), ANN, false, Lease.SESSION, 0));
        }

        void holders(int holders) {
            send(busy, holders, i -> Acquires.permits(POOL, Owner.of("user", "h" + i), 1, holders, 0));
        }

        void queueForPermits(int waiters) {
            SessionId waiting = open(3);
            send(
                    waiting,
                    waiters,
                    i -> Acquires.permits(
                            POOL,
                            Owner.of("user", "w" + i),
                            1,
                            Limits.HOLDERS_PER_LOCKABLE_MAX,
                            Command.Acquire.WAIT_FOREVER));
        }

        void events(int events) {
            for (int i = 0; i < events; i++) {
                machine.state
                        .sessions
                        .get(busy)
                        .addEvent(new Event.HoldLost(MUTEX, ANN, 1, Event.LossReason.EXPIRED, 1000));
            }
        }

        void outcomes(int outcomes) {
            for (int from = 0; from < outcomes - 1000; from += 1000) {
                List<SequencedCommand> commands = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    int key = from + i;
                    commands.add(new SequencedCommand(
                            ++sequence, Acquires.mutex(LockableKey.mutex("k" + key), ANN, false, Lease.SESSION, 0)));
                }
                apply(Batch.of(new SessionBatch(busy, 0, 0, commands)));
            }
        }

        void sessions(int sessions) {
            for (int i = 0; i < sessions; i++) {
                open(1000 + i);
            }
        }

        void rules() {
            String long255 = "x".repeat(Limits.NAME_BYTES_MAX - 10);
            String long1024 = "\\".repeat(Limits.KEY_BYTES_MAX);
            for (int i = 0; i < 2 * Limits.RULES_MAX; i++) {
                Rule rule = new Rule(long255 + i % Limits.RULES_MAX, Role.LOCK, long1024, binding(i));
                apply(Batch.of(new SessionBatch(
                        busy,
                        sequence,
                        0,
                        List.of(new SequencedCommand(++sequence, new Command.PutRule(rule))),
                        new Caller(long255, long255, 1))));
            }
            assertThat(machine.rules()).hasSize(Limits.RULES_MAX);
        }

        private static OwnerBinding binding(int i) {
            return i < Limits.RULES_MAX ? OwnerBinding.OWNER : OwnerBinding.WITHIN;
        }

        void longKeys(int holds) {
            String padding = "x".repeat(Limits.KEY_BYTES_MAX - 10);
            send(busy, holds, i -> Acquires.mutex(LockableKey.mutex(padding + i), ANN, false, Lease.ttl(60_000), 0));
        }

        private SessionId open(long nonce) {
            return TestSession.opened(apply(Batch.of(TestSession.openBatch(nonce))));
        }

        private void send(SessionId session, int count, IntFunction<ClientCommand> command) {
            for (int from = 0; from < count; from += 1000) {
                List<SequencedCommand> commands = new ArrayList<>();
                long before = sequence;
                for (int i = from; i < Math.min(from + 1000, count); i++) {
                    commands.add(new SequencedCommand(++sequence, command.apply(i)));
                }
                apply(Batch.of(new SessionBatch(session, before, 0, commands)));
            }
        }

        private Applied apply(Batch batch) {
            long start = cpuNanos();
            Applied applied = machine.apply(machine.appliedIndex() + 1, stamp, batch);
            longestApply = Math.max(longestApply, cpuNanos() - start);
            return applied;
        }

        /** Of this thread: neither pauses of the collector nor other processes count. */
        private static long cpuNanos() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }

        private static long timed(Supplier<?> work) {
            long start = cpuNanos();
            var unused = work.get();
            return cpuNanos() - start;
        }

        private static long ms(long nanos) {
            return nanos / 1_000_000;
        }
    }
}
