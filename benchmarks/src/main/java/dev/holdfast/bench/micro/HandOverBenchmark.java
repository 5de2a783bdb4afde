package dev.holdfast.bench.micro;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.statemachine.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One mutex that many wait for. Each entry releases it, which grants it to the first waiter, and queues the former
 * holder behind the others. Building the entry is part of the time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HandOverBenchmark {
    private static final int SESSIONS_MAX = 100;
    private static final LockableKey MUTEX = LockableKey.mutex("key");

    @Param({"1", "100", "10000"})
    int waiters;

    final Log log = new Log();
    private final List<Caller> sessions = new ArrayList<>();
    private final List<Owner> owners = new ArrayList<>();
    private int holder;
    private long token;

    @Setup
    public void queue() {
        for (int i = 0; i <= waiters; i++) {
            if (sessions.size() < SESSIONS_MAX) {
                sessions.add(log.open());
            }
            owners.add(Owner.of("bench", "caller-" + i));
            Outcome outcome = outcomes(log.apply(Batch.of(session(i).batch(List.of(acquire(i))))))
                    .get(0)
                    .outcome();
            if (i == 0) {
                token = Expected.as(Outcome.Granted.class, outcome).token();
            } else {
                Expected.as(Outcome.Queued.class, outcome);
            }
        }
    }

    @Benchmark
    public Applied handOver() {
        Command.Release release = new Command.Release(MUTEX, owners.get(holder), token, Command.Release.ALL);
        Applied applied = log.apply(Batch.of(session(holder).batch(List.of(release, acquire(holder)))));
        Expected.as(Outcome.Released.class, outcomes(applied).get(0).outcome());
        Expected.as(Outcome.Queued.class, outcomes(applied).get(1).outcome());
        NumberedEvent event = applied.events().get(0).events().get(0);
        token = Expected.as(Event.WaitGranted.class, event.event()).token();
        holder = (holder + 1) % owners.size();
        session(holder).received(event.number());
        return applied;
    }

    private Caller session(int caller) {
        return sessions.get(caller % sessions.size());
    }

    private Command.Acquire acquire(int caller) {
        return Held.acquire(MUTEX, owners.get(caller), Command.Acquire.WAIT_FOREVER);
    }

    private static List<SequencedOutcome> outcomes(Applied applied) {
        return applied.replies().get(0).outcomes();
    }
}
