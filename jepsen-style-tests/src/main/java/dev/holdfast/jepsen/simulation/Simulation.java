package dev.holdfast.jepsen.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
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
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.statemachine.LockMachine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One run of a plan: the real clients, leaders and state machines in one thread and in virtual time, over a network that
 * loses, repeats, delays and reorders. Everything follows from the plan, so a run can be repeated.
 */
public final class Simulation {
    static {
        // Lost sessions are routine in a simulation, and so are listeners that throw.
        if (LoggerFactory.getLogger("dev.holdfast.client.internal") instanceof Logger logger) {
            logger.setLevel(Level.OFF);
        }
    }

    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    /** By then every caller has finished, given up or let go. */
    private static final long QUIET_AFTER_MS = 40_000;

    /** A client that can reach the cluster is sure of what it holds by then. */
    private static final long SURE_AFTER_MS = 10_000;

    /** How long a client may need to hear that something was taken from it by force. */
    private static final long UNAWARE_OF_FORCE = 10_000 * MS;

    /** Every lease of a client that died has run out by then. */
    private static final long FREE_AFTER_MS = 30_000;

    private static final long STALL = 500 * MS;
    private static final long CHECKER_STEPS_MAX = 5_000_000;

    private final List<String> undecided = new ArrayList<>();
    private final Plan plan;
    private final Random random;
    private final Scheduler scheduler = new Scheduler();
    private final Trace trace;
    private final SimulatedNetwork network;
    private final SimulatedCluster cluster;
    private final SimulatedHistory history;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<SimulatedCaller> callers = new ArrayList<>();

    /** One for each caller's number, in plans that have threads; else none. */
    private final List<SimulatedLocker> lockers = new ArrayList<>();

    /** What was last taken by force. */
    private final Map<LockableKey, Forced> forced = new HashMap<>();

    private record Forced(long lastToken, long atNanos) {}

    private Simulation(Plan plan, boolean traced, boolean watched) {
        this.plan = plan;
        this.random = new Random(plan.seed() * 0x9E3779B97F4A7C15L + 1);
        this.trace = new Trace(scheduler, traced);
        this.network = new SimulatedNetwork(scheduler, new Random(random.nextLong()));
        this.cluster =
                new SimulatedCluster(scheduler, network, trace, new Random(random.nextLong()), Plan.PEERS, watched);
        this.history = new SimulatedHistory(scheduler, trace);
        for (int i = 0; i < Plan.CLIENTS; i++) {
            clients.add(new SimulatedClient(
                    "client " + i,
                    cluster,
                    new Random(random.nextLong()),
                    600 + random.nextInt(2500),
                    random.nextBoolean() ? anyManner() : null));
        }
        for (int i = 0; i < Plan.CLIENTS * Plan.CALLERS_PER_CLIENT; i++) {
            callers.add(new SimulatedCaller(
                    clients.get(i / Plan.CALLERS_PER_CLIENT),
                    history,
                    new Random(random.nextLong()),
                    plan.sharesOwner(i),
                    plan.sharesMutex() ? SimulatedClient.owner(-10 - i / Plan.CALLERS_PER_CLIENT) : null));
        }
        if (plan.hasThreads()) {
            addLockers(new Random(~plan.seed()));
        }
    }

    private void addLockers(Random numbers) {
        for (int i = 0; i < Plan.CLIENTS * Plan.CALLERS_PER_CLIENT; i++) {
            SimulatedClient client = clients.get(i / Plan.CALLERS_PER_CLIENT);
            SimulatedLocker locker = new SimulatedLocker(client, i, trace, new Random(numbers.nextLong()));
            lockers.add(locker);
            scheduler.add(locker.thread());
        }
    }

    private SimulatedExecutor.Manner anyManner() {
        SimulatedExecutor.Manner[] all = SimulatedExecutor.Manner.values();
        return all[random.nextInt(all.length)];
    }

    /**
     * What came of a run.
     *
     * @param failure what was wrong, in one line; {@code null} if nothing was
     * @param undecided the keys for which it was not found out, within so many steps, whether what clients saw can be put in an order;
     *     all other checks have passed
     * @param trace what happened, if it was asked for
     */
    public record Outcome(
            @Nullable String failure, int operations, long entries, List<String> undecided, List<String> trace) {
        public Outcome {
            undecided = List.copyOf(undecided);
            trace = List.copyOf(trace);
        }

        public boolean failed() {
            return failure != null;
        }
    }

    /**
     * @param watched whether to check the state machine as well, or to judge only by what clients see and by replicas
     *     that differ
     */
    static Outcome run(Plan plan, boolean traced, boolean watched) {
        Simulation simulation = new Simulation(plan, traced, watched);
        String failure = null;
        try {
            simulation.run();
        } catch (SimulationFailure | AssertionError e) {
            failure = firstLine(e);
        } catch (Throwable e) {
            // Users throw checked exceptions, too.
            failure = Mischief.is(e)
                    ? "what the code of a user threw has left its callback"
                    : "threw " + e + " at " + e.getStackTrace()[0];
        } finally {
            simulation.endThreads();
        }
        return new Outcome(
                failure,
                simulation.history.operations().size(),
                simulation.cluster.lastIndex(),
                simulation.undecided,
                simulation.trace.lines());
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).strip().replaceAll("\\s*\\n\\s*", " ");
    }

    private void run() {
        cluster.onCommit(this::requireBeliefsToBeTrue);
        plan.steps().forEach(step -> scheduler.after(step.atMs() * MS, () -> begin(step)));
        scheduler.runUntil(Plan.LENGTH_MS * MS);
        heal();
        pass(SURE_AFTER_MS);
        requireNobodyToBeUnsure();
        pass(QUIET_AFTER_MS - SURE_AFTER_MS);
        requireAllDone();
        requireLockersDone();
        pass(FREE_AFTER_MS);
        freeWhatNobodyCanRelease();
        requireAllFree();
        requireWaitersToBeTold();
        cluster.checkReplicas();
        judge();
    }

    private void endThreads() {
        lockers.forEach(locker -> locker.thread().end());
        if (!lockers.isEmpty()) {
            clients.forEach(SimulatedClient::end);
        }
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
        } else if (step instanceof Plan.Together together) {
            callers.get(together.caller()).wish(together);
        } else if (step instanceof Plan.Force force) {
            callers.get(force.caller()).wish(force);
        } else if (step instanceof Plan.Enter enter) {
            lockers.get(enter.caller()).wish(enter);
        } else if (step instanceof Plan.Interrupt interrupt) {
            lockers.get(interrupt.caller()).interrupt();
        } else if (step instanceof Plan.Disturb disturb) {
            trace.add("fault", disturb::toString);
            disturb(disturb);
        }
    }

    private void disturb(Plan.Disturb disturb) {
        int who = disturb.who() % Plan.PEERS;
        SimulatedPeer peer = cluster.peer(who);
        SimulatedClient user = clients.get(disturb.who() % Plan.CLIENTS);
        SimulatedProcess client = user.process();
        long length = disturb.forMs() * MS;
        switch (disturb.what()) {
            case ELECTION -> cluster.elect(who);
            case LEADER_FLAPS -> flap(who, length / 6);
            case PEER_CRASHES -> crash(who, length);
            case ALL_PEERS_CRASH -> {
                for (int i = 0; i < Plan.PEERS; i++) {
                    crash(i, length);
                }
            }
            case PEER_PAUSES -> pause(peer.process(), length);
            case CLIENT_PAUSES -> pause(client, length);
            case CLIENT_DIES -> client.kill();
            case CLIENT_CLOSES -> user.close();
            case CLIENT_IS_CUT_OFF -> network.cutOff(client, length);
            case NETWORK_WORSENS -> network.worsen(length);
            case SNAPSHOT -> snapshot(peer);
            case SNAPSHOT_IS_INSTALLED -> peer.process().run(() -> peer.install(cluster.peer((who + 1) % Plan.PEERS)));
        }
    }

    /** The leader is deposed, and leads again soon after; what it was about to append comes in its new term. */
    private void flap(int meanwhile, long forNanos) {
        int leader = cluster.leaderNumber();
        if (leader < 0) {
            return;
        }
        long deposedAt = scheduler.nowNanos() + STALL;
        cluster.peer(leader).stall(deposedAt, forNanos);
        scheduler.after(STALL, () -> cluster.elect(meanwhile));
        scheduler.after(STALL + forNanos, () -> cluster.elect(leader));
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
        trace.add("fault", () -> "all faults are over");
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
                throw new SimulationFailure(
                        "a caller is still busy " + QUIET_AFTER_MS + " ms after all faults were over");
            }
        }
    }

    private void requireLockersDone() {
        for (SimulatedLocker locker : lockers) {
            if (locker.isBusy()) {
                throw new SimulationFailure(
                        "a thread is still busy " + QUIET_AFTER_MS + " ms after all faults were over");
            }
        }
    }

    private void requireNobodyToBeUnsure() {
        for (SimulatedCaller caller : callers) {
            if (!caller.unsure().isEmpty()) {
                throw new SimulationFailure("belief: " + SURE_AFTER_MS
                        + " ms after all faults were over, a client is still not sure of " + caller.unsure());
            }
        }
    }

    /**
     * The cluster holds at least what its clients together believe that they hold. This is true at every instant, and
     * checked at those at which it may change. Only what was taken by force may be believed in until its client has heard of
     * that.
     */
    private void requireBeliefsToBeTrue(Batch committed) {
        noteForced(committed);
        Map<SimulatedLockable, Map<Long, Integer>> believed = new EnumMap<>(SimulatedLockable.class);
        for (SimulatedCaller caller : callers) {
            caller.beliefs()
                    .forEach((handle, lockable) -> believed.computeIfAbsent(lockable, any -> new TreeMap<>())
                            .merge(handle.token(), handle.permits(), Integer::sum));
        }
        believed.forEach((lockable, permitsByToken) -> {
            Answer.LockableView view =
                    (Answer.LockableView) cluster.machine().answer(new Query.Inspect(lockable.lockableKey(), 0));
            permitsByToken.forEach((token, permits) -> {
                if (!mayBeUnaware(lockable, token)) {
                    // Whoever acquires a plain mutex again has the same hold, which still counts one.
                    requireHeld(lockable.lockableKey(), view, token, lockable == SimulatedLockable.MUTEX ? 1 : permits);
                }
            });
        });
        requireThreadsToBeInside();
    }

    private void requireThreadsToBeInside() {
        for (SimulatedLocker locker : lockers) {
            long token = locker.believed();
            if (token >= 0) {
                Query query = new Query.Inspect(SimulatedLocker.KEY, 0);
                requireHeld(
                        SimulatedLocker.KEY,
                        (Answer.LockableView) cluster.machine().answer(query),
                        token,
                        1);
            }
        }
    }

    private void noteForced(Batch committed) {
        for (SessionBatch session : committed.sessions()) {
            for (SequencedCommand sequenced : session.commands()) {
                if (sequenced.command() instanceof Command.ForceRelease force) {
                    // Every token so far, of this key.
                    forced.put(force.lockable(), new Forced(cluster.machine().lastToken(), scheduler.nowNanos()));
                }
            }
        }
    }

    private boolean mayBeUnaware(SimulatedLockable lockable, long token) {
        Forced last = forced.get(lockable.lockableKey());
        return last != null && token <= last.lastToken && scheduler.nowNanos() - last.atNanos < UNAWARE_OF_FORCE;
    }

    private static void requireHeld(LockableKey lockable, Answer.LockableView view, long token, int permits) {
        Answer.HoldView held = view.holds().stream()
                .filter(hold -> hold.token() == token)
                .findFirst()
                .orElseThrow(() ->
                        new SimulationFailure("belief, " + lockable.key() + ": a client believes that it holds token "
                                + token + ", but the cluster has ended that hold"));
        if (held.count() < permits) {
            throw new SimulationFailure("belief, " + lockable.key() + ": clients believe that they hold " + permits
                    + " under token " + token + ", but the cluster counts " + held.count());
        }
    }

    /** A waiter is told of its grant, even if the leader that should have told it is gone. */
    private void requireWaitersToBeTold() {
        SimulatedClient holder = newcomer();
        SimulatedClient waiter = newcomer();
        AcquireOptions patient = AcquireOptions.defaults().wait(Duration.ofSeconds(30));
        CompletableFuture<AcquireResult> held =
                holder.acquire(SimulatedClient.owner(0), SimulatedLockable.MUTEX, 1, patient);
        pass(2000);
        CompletableFuture<AcquireResult> waiting =
                waiter.acquire(SimulatedClient.owner(-1), SimulatedLockable.MUTEX, 1, patient);
        pass(1000 + random.nextInt(300));
        cluster.elect((cluster.leaderNumber() + 1) % Plan.PEERS);
        pass(random.nextInt(300));
        var unused = held.join().orThrow().releaseAsync();
        pass(10_000);
        if (!waiting.isDone()
                || waiting.isCompletedExceptionally()
                || !waiting.join().acquired()) {
            throw new SimulationFailure("a waiter was not told of its grant after an election: " + waiting);
        }
        unused = waiting.join().orThrow().releaseAsync();
        pass(2000);
    }

    private SimulatedClient newcomer() {
        return new SimulatedClient("newcomer", cluster, new Random(random.nextLong()), 8000);
    }

    /** What is held until it is released, and whose client is gone or never heard of it, is taken by force. */
    private void freeWhatNobodyCanRelease() {
        Set<SimulatedLockable> orphans = EnumSet.noneOf(SimulatedLockable.class);
        callers.forEach(caller -> orphans.addAll(caller.orphans()));
        SimulatedClient operator = newcomer();
        for (SimulatedLockable orphan : orphans) {
            var unused = operator.force(orphan);
            pass(1000);
        }
    }

    /** A newcomer acquires everything and releases it; then nobody holds anything. */
    private void requireAllFree() {
        SimulatedClient newcomer = newcomer();
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
                        + " any more, but a newcomer got: " + (answer == null ? asked : answer));
            }
            var unused = answer.orThrow().releaseAsync();
            pass(1000);
        }
        LockMachine machine = cluster.machine();
        if (machine.holdCount() > 0 || machine.waiterCount() > 0) {
            throw new SimulationFailure(machine.holdCount() + " holds and " + machine.waiterCount()
                    + " waiters are left, but nobody wants any");
        }
    }

    private void judge() {
        List<Operation> operations = history.operations().stream()
                .filter(operation -> !plan.isEntangled() || operation.key().equals(SimulatedLockable.MUTEX.key()))
                .toList();
        List<Violation> violations = Invariant.checkAll(operations);
        if (!violations.isEmpty()) {
            Violation first = violations.get(0);
            throw new SimulationFailure(first.invariant() + ", " + first.key() + ": " + first.what());
        }
        for (KeyReport report : new LinearizabilityChecker<>(
                        new LockModel(new Refusals(operations)), Expiries::addTo, CHECKER_STEPS_MAX)
                .check(operations)) {
            if (report.verdict() == Verdict.ILLEGAL) {
                throw new SimulationFailure("linearizability, " + report.key() + ": " + report.verdict() + " after "
                        + report.failingPrefix() + " completions");
            }
            if (report.verdict() == Verdict.UNKNOWN) {
                undecided.add(report.key());
            }
        }
    }
}
