package dev.holdfast.testkit;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.client.time.Timers;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A cluster of one peer in memory, for unit tests of code that uses Holdfast. It runs the real state machine, leader and
 * client; only the log is not kept.
 *
 * <pre>{@code
 * try (TestCluster cluster = TestCluster.start()) {
 *     HoldfastLock lock = cluster.client().createLock();
 *     ...
 * }
 * }</pre>
 *
 * <p>With {@link #startWithManualClock}, time moves only by {@link #advance}, which runs everything that falls due on the
 * caller's thread. A test that blocks until time has passed therefore needs another thread to advance it.
 *
 * <p>All methods may be called from any thread.
 */
public final class TestCluster implements AutoCloseable {
    private static final long TERM = 1;

    private final Timers timers;
    private final Replica replica = new Replica();
    private final InMemoryLog log = new InMemoryLog(replica);
    private final LeaderTerm leader;
    private final Map<HoldfastClient, PausableProcess> processes = new ConcurrentHashMap<>();
    private final HoldfastClient client;

    private TestCluster(Timers timers) {
        this.timers = timers;
        this.leader = new LeaderTerm(TERM, replica, log, timers);
        replica.onApplied(leader::applied);
        this.client = newClient();
    }

    /** A cluster in real time. */
    public static TestCluster start() {
        return new TestCluster(new SystemTimers());
    }

    /** A cluster whose time stands still until {@link #advance} moves it. */
    public static TestCluster startWithManualClock() {
        return start(new ManualTimers());
    }

    /** The same, on timers that the test shares with other code whose time it moves by hand. */
    public static TestCluster start(ManualTimers timers) {
        return new TestCluster(timers);
    }

    /** The first client. */
    public HoldfastClient client() {
        return client;
    }

    /** A further client with a session of its own, as another process would have. */
    public HoldfastClient newClient() {
        return newClient(UnaryOperator.identity());
    }

    /** A further client with other options. Its timers are the cluster's, whatever the options say. */
    public HoldfastClient newClient(UnaryOperator<ClientOptions> change) {
        PausableProcess process = new PausableProcess(leader, timers);
        HoldfastClient made =
                Holdfast.client(process, change.apply(ClientOptions.defaults()).timers(process));
        processes.put(made, process);
        return made;
    }

    /**
     * Moves time on for the cluster and all of its clients that are not paused.
     *
     * @throws IllegalStateException if the cluster runs in real time
     */
    public void advance(Duration duration) {
        if (!(timers instanceof ManualTimers manual)) {
            throw new IllegalStateException("this cluster runs in real time; use startWithManualClock()");
        }
        manual.advance(duration);
    }

    /** Ends the mutex hold behind the handle now, as if its lease had run out. */
    public void expire(LockHandle handle) {
        LockableKey key = LockableKey.mutex(handle.lockable().key());
        expire(key, handle.token());
    }

    /** Ends the semaphore hold behind the handle now, as if its lease had run out. */
    public void expirePermits(LockHandle handle) {
        expire(LockableKey.semaphore(handle.lockable().key()), handle.token());
    }

    private void expire(LockableKey key, long token) {
        long now = replica.read(machine -> machine.logTimeMs());
        log.append(TERM, now, Batch.ofSystem(new Command.ExpireHold(key, token)));
    }

    /**
     * Suspends a client, as a stopped process or a long garbage collection would, until {@link #resume}: it sends and receives
     * nothing, while leases run on. Its blocking calls block.
     *
     * @throws IllegalArgumentException if it is not a client of this cluster
     */
    public void pause(HoldfastClient paused) {
        process(paused).pause();
    }

    /**
     * Lets a paused client continue. It then learns what it missed.
     *
     * @throws IllegalArgumentException if it is not a client of this cluster
     */
    public void resume(HoldfastClient paused) {
        process(paused).resume();
    }

    /**
     * Cuts a client off from the cluster, as a broken network would, until {@link #reconnect}: whatever it asks fails, and it hears
     * nothing, while it runs on.
     *
     * @throws IllegalArgumentException if it is not a client of this cluster
     */
    public void disconnect(HoldfastClient cutOff) {
        process(cutOff).cutOff();
    }

    /**
     * Lets a client reach the cluster again.
     *
     * @throws IllegalArgumentException if it is not a client of this cluster
     */
    public void reconnect(HoldfastClient cutOff) {
        process(cutOff).reconnect();
    }

    private PausableProcess process(HoldfastClient of) {
        PausableProcess process = processes.get(of);
        if (process == null) {
            throw new IllegalArgumentException("not a client of this cluster");
        }
        return process;
    }

    /** Closes all clients, then the cluster. */
    @Override
    public void close() {
        processes.forEach((each, process) -> {
            process.resume();
            process.reconnect();
            each.close();
        });
        leader.close();
        if (timers instanceof SystemTimers system) {
            system.close();
        }
    }

    /** A hash of the cluster's whole state, the same for equal states. */
    public String stateHash() {
        return replica.read(machine -> machine.stateHash());
    }
}
