package dev.holdfast.bench.micro;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.statemachine.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Acquires and releases beside other holds. Each entry releases what the one before acquired, and acquires as many
 * other mutexes. Their keys come from all over the table, so that its size matters, caches included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ApplyBenchmark {
    static final int COMMANDS = 64;
    private static final int KEYS = 1 << 16;
    private static final Owner OWNER = Owner.of("bench", "caller");

    @Param({"1000", "100000", "1000000"})
    int holds;

    final Log log = new Log();
    private final Caller caller = log.open();
    private final LockableKey[] keys = new LockableKey[KEYS];
    private final List<Command.Acquire> acquired = new ArrayList<>();
    private List<SequencedOutcome> outcomes = List.of();
    private Batch batch = Batch.of();
    private int nextKey;

    @Setup
    public void holdOthers() {
        Held.take(log, holds);
        for (int i = 0; i < KEYS; i++) {
            keys[i] = LockableKey.mutex("key-" + i);
        }
    }

    /** Not timed, which is sound because an entry takes far longer than reading the clock. */
    @Setup(Level.Invocation)
    public void makeBatch() {
        List<ClientCommand> commands = releases();
        acquired.clear();
        for (int i = 0; i < COMMANDS / 2; i++) {
            Command.Acquire acquire = Held.acquire(keys[nextKey++ % KEYS], OWNER, 0);
            acquired.add(acquire);
            commands.add(acquire);
        }
        batch = Batch.of(caller.batch(commands));
    }

    private List<ClientCommand> releases() {
        List<ClientCommand> releases = new ArrayList<>(COMMANDS);
        int first = outcomes.size() - acquired.size();
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome outcome = outcomes.get(i).outcome();
            if (i < first) {
                Expected.as(Outcome.Released.class, outcome);
            } else {
                long token = Expected.as(Outcome.Granted.class, outcome).token();
                LockableKey mutex = acquired.get(i - first).lockable();
                releases.add(new Command.Release(mutex, OWNER, token, Command.Release.ALL));
            }
        }
        return releases;
    }

    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public Applied acquireOrRelease() {
        Applied applied = log.apply(batch);
        outcomes = applied.replies().get(0).outcomes();
        return applied;
    }
}
