package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.jepsen.checker.Expiries;
import dev.holdfast.jepsen.checker.LinearizabilityChecker;
import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.LockModel;
import dev.holdfast.jepsen.checker.Refusals;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.invariant.Invariant;
import dev.holdfast.jepsen.invariant.Violation;
import dev.holdfast.statemachine.LockMachine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of a plan: the real clients, leaders and state machines in one thread and in virtual time, over a network that
 * loses, repeats, delays and reorders. Everything follows from the plan, so a run can be repeated.
 */
public final class Simulation {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    /** By then every caller has finished, given up or let go. */
    private static final long QUIET_AFTER_MS = 20_000;

    /** Every lease of a client that died has run out by then. */
    private static final long FREE_AFTER_MS = 30_000;

    private static final long CHECKER_STEPS_MAX = 20_000_000;

    private final Plan plan;
    private final Random random;
    private final Scheduler scheduler = new Scheduler();
    private final Trace trace;
    private final SimulatedNetwork network;
    private final SimulatedCluster cluster;
    private final SimulatedHistory history;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<SimulatedCaller> callers = new ArrayList<>();

    private Simulation(Plan plan, boolean traced) {
        this.plan = plan;
        this.random = new Random(plan.seed() * 0x9E3779B97F4A7C15L + 1);
        this.trace = new Trace(scheduler, traced);
        this.network = new SimulatedNetwork(scheduler, new Random(random.nextLong()));
        this.cluster = new SimulatedCluster(scheduler, network, trace, new Random(random.nextLong()), Plan.PEERS);
        this.history = new SimulatedHistory(scheduler, trace);
        for (int i = 0; i < Plan.CLIENTS; i++) {
            clients.add(new SimulatedClient("client " + i, cluster, new Random(random.nextLong())));
        }
        for (int i = 0; i < Plan.CLIENTS * Plan.CALLERS_PER_CLIENT; i++) {
            callers.add(new SimulatedCaller(
                    clients.get(i / Plan.CALLERS_PER_CLIENT), history, new Random(random.nextLong())));
        }
    }

    /**
     * What came of a run.
     *
     * @param failure what was wrong, in one line; {@code null} if nothing was
     * @param trace what happened, if it was asked for
     */
    public record Outcome(@Nullable String failure, int operations, long entries, List<String> trace) {
        public Outcome {
            trace = List.copyOf(trace);
        }

        public boolean failed() {
            return failure != null;
        }
    }

    static Outcome run(Plan plan, boolean traced) {
        Simulation simulation = new Simulation(plan, traced);
        String failure = null;
        try {
            simulation.run();
        } catch (SimulationFailure | AssertionError e) {
            failure = firstLine(e);
        } catch (RuntimeException e) {
            failure = "threw " + e + " at " + e.getStackTrace()[0];
        }
        return new Outcome(
                failure,
                simulation.history.operations().size(),
                simulation.cluster.lastIndex(),
                simulation.trace.lines());
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).strip().replaceAll("\\s*\\n\\s*", " ");
    }

    private void run() {
        plan.steps().forEach(step -> scheduler.after(step.atMs() * MS, () -> begin(step)));
        scheduler.runUntil(Plan.LENGTH_MS * MS);
        heal();
        pass(QUIET_AFTER_MS);
        requireAllDone();
        pass(FREE_AFTER_MS);
        requireAllFree();
        cluster.checkReplicas();
        judge();
    }

    private void pass(long ms) {
        scheduler.runUntil(scheduler.nowNanos() + ms * MS);
    }

    // ---- what goes wrong

    private void begin(Plan.Step step) {
        if (step instanceof Plan.Ask ask) {
            callers.get(ask.caller()).wish(ask);
        } else if (step instanceof Plan.Look look) {
            callers.get(look.caller()).wish(look);
        } else if (step instanceof Plan.Disturb disturb) {
            trace.add("fault", disturb::toString);
            disturb(disturb);
        }
    }

    private void disturb(Plan.Disturb disturb) {
        int who = disturb.who() % Plan.PEERS;
        SimulatedPeer peer = cluster.peer(who);
        SimulatedProcess client = clients.get(disturb.who() % Plan.CLIENTS).process();
        long length = disturb.forMs() * MS;
        switch (disturb.what()) {
            case ELECTION -> cluster.elect(who);
            case PEER_CRASHES -> crash(who, length);
            case ALL_PEERS_CRASH -> {
                for (int i = 0; i < Plan.PEERS; i++) {
                    crash(i, length);
                }
            }
            case PEER_PAUSES -> pause(peer.process(), length);
            case CLIENT_PAUSES -> pause(client, length);
            case CLIENT_DIES -> client.kill();
            case NETWORK_WORSENS -> network.worsen(length);
            case SNAPSHOT -> snapshot(peer);
            case SNAPSHOT_IS_INSTALLED -> peer.process().run(() -> peer.install(cluster.peer((who + 1) % Plan.PEERS)));
        }
    }

    private void crash(int number, long forNanos) {
        SimulatedPeer peer = cluster.peer(number);
        if (!peer.process().isDead()) {
            cluster.crash(number);
            scheduler.after(forNanos, () -> {
                if (peer.process().isDead()) {
                    peer.restart();
                }
            });
        }
    }

    private void pause(SimulatedProcess process, long forNanos) {
        process.pause();
        scheduler.after(forNanos, process::resume);
    }

    private void snapshot(SimulatedPeer peer) {
        peer.process().run(() -> {
            peer.takeSnapshot();
            if (peer.isCapturing()) {
                scheduler.after(random.nextLong(20 * MS), () -> snapshot(peer));
            }
        });
    }

    private void heal() {
        trace.add("fault", () -> "all is mended");
        network.heal();
        for (int i = 0; i < Plan.PEERS; i++) {
            SimulatedPeer peer = cluster.peer(i);
            peer.process().resume();
            if (peer.process().isDead()) {
                peer.restart();
            }
        }
        clients.forEach(client -> client.process().resume());
    }

    // ---- what must be true

    private void requireAllDone() {
        for (SimulatedCaller caller : callers) {
            if (caller.isBusy()) {
                throw new SimulationFailure("a caller is still busy " + QUIET_AFTER_MS + " ms after all was mended");
            }
        }
    }

    /** A newcomer gets everything, and gives it back; then nobody holds anything. */
    private void requireAllFree() {
        SimulatedClient newcomer = new SimulatedClient("newcomer", cluster, new Random(random.nextLong()));
        for (SimulatedLockable lockable : SimulatedLockable.values()) {
            CompletableFuture<AcquireResult> asked = newcomer.acquire(
                    SimulatedClient.owner(0),
                    lockable,
                    lockable.limit(),
                    AcquireOptions.defaults().wait(Duration.ofSeconds(5)));
            pass(6000);
            AcquireResult answer = asked.isDone() && !asked.isCompletedExceptionally() ? asked.join() : null;
            if (answer == null || !answer.acquired()) {
                throw new SimulationFailure("nobody should hold the " + lockable.key()
                        + " any more, but a newcomer had: " + (answer == null ? asked : answer));
            }
            var unused = answer.orThrow().releaseAsync();
            pass(1000);
        }
        LockMachine machine = cluster.machine();
        if (machine.holdCount() > 0 || machine.waiterCount() > 0) {
            throw new SimulationFailure(machine.holdCount() + " holds and " + machine.waiterCount()
                    + " waiters are left, though nobody wants any");
        }
    }

    private void judge() {
        List<Operation> operations = history.operations();
        List<Violation> violations = Invariant.checkAll(operations);
        if (!violations.isEmpty()) {
            Violation first = violations.get(0);
            throw new SimulationFailure(first.invariant() + ", " + first.key() + ": " + first.what());
        }
        for (KeyReport report : new LinearizabilityChecker<>(
                        new LockModel(new Refusals(operations)), Expiries::addTo, CHECKER_STEPS_MAX)
                .check(operations)) {
            if (report.verdict() != Verdict.OK) {
                throw new SimulationFailure("linearizability, " + report.key() + ": " + report.verdict() + " after "
                        + report.failingPrefix() + " completions");
            }
        }
    }
}
