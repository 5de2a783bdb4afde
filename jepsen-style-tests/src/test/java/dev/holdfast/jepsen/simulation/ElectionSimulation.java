package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.election.Term;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of an election: candidates in processes of their own, on the real client, over a network and a cluster that fail, in one
 * thread and in virtual time. Everything follows from the seed.
 */
final class ElectionSimulation {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int PEERS = 3;
    private static final int CANDIDATES = 4;
    private static final int STEPS = 60;
    private static final long STEP_MS_MAX = 1000;
    private static final long FAULT_MS_MAX = 6000;

    /** Within that time after all faults are over, somebody leads: a dead leader's lease, and what pauses there are. */
    private static final long LEADER_AFTER_MS = 30_000;

    private static final Lockable OFFICE = Holdfast.createLockable("office").of();
    private static final LockableKey KEY = LockableKey.mutex(OFFICE.key());

    private final Random random;
    private final Scheduler scheduler = new Scheduler();
    private final SimulatedNetwork network;
    private final SimulatedCluster cluster;
    private final List<Candidate> candidates = new ArrayList<>();
    private final HoldfastClient operator;

    /** The terms that the operator has ended by force: their leaders learn of it later. */
    private final Set<Long> forced = new HashSet<>();

    private long lastHolder;

    /** What was found in callbacks, out of which nothing may be thrown. */
    private @Nullable SimulationFailure found;

    private long lastTerm;
    private int elected;

    /** Of all that the candidates heard, and when. */
    private long traceHash;

    /**
     * @param elected how many terms began
     * @param traceHash of all that was heard, and when
     */
    record Outcome(int elected, long traceHash) {}

    private ElectionSimulation(long seed) {
        random = new Random(seed * 0x9E3779B97F4A7C15L + 7);
        network = new SimulatedNetwork(scheduler, new Random(random.nextLong()));
        Trace untraced = new Trace(scheduler, false);
        cluster = new SimulatedCluster(scheduler, network, untraced, new Random(random.nextLong()), PEERS, true);
        for (int i = 0; i < CANDIDATES; i++) {
            candidates.add(new Candidate(i));
        }
        operator = client(new SimulatedProcess(scheduler, "operator", 1), Duration.ofSeconds(3));
    }

    private HoldfastClient client(SimulatedProcess process, Duration lease) {
        return Holdfast.client(
                new SimulatedLink(process, cluster, new Random(random.nextLong())),
                ClientOptions.defaults()
                        .name(process.name())
                        .sessionLease(lease)
                        .requestTimeout(Duration.ofMillis(1500))
                        .retryPause(Duration.ofMillis(10), Duration.ofMillis(10))
                        .wallClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                        .timers(process));
    }

    static Outcome run(long seed) {
        return new ElectionSimulation(seed).run();
    }

    private Outcome run() {
        cluster.onCommit(batch -> {
            long holder = holder();
            if (holder != lastHolder && isByForce(batch)) {
                forced.add(lastHolder);
            }
            lastHolder = holder;
            requireLeadersToHold();
        });
        candidates.forEach(each -> each.process.run(each.election::stand));
        for (int i = 0; i < STEPS; i++) {
            pass(1 + random.nextLong(STEP_MS_MAX));
            disturb();
            requireLeadersToHold();
        }
        heal();
        pass(LEADER_AFTER_MS);
        requireOneLeader();
        candidates.forEach(each -> each.process.run(each.election::close));
        pass(LEADER_AFTER_MS);
        requireNobody();
        cluster.checkReplicas();
        return new Outcome(elected, traceHash);
    }

    private void trace(Candidate who, String what, long token) {
        traceHash = 31 * traceHash + Objects.hash(scheduler.nowNanos(), who.number, what, token);
    }

    private void pass(long ms) {
        scheduler.runUntil(scheduler.nowNanos() + ms * MS);
        SimulationFailure failure = found;
        if (failure != null) {
            throw failure;
        }
    }

    private void require(boolean condition, String otherwise) {
        if (!condition && found == null) {
            found = new SimulationFailure(otherwise);
        }
    }

    private void disturb() {
        Candidate who = candidates.get(random.nextInt(CANDIDATES));
        int peer = random.nextInt(PEERS);
        long length = random.nextLong(FAULT_MS_MAX) * MS;
        switch (random.nextInt(13)) {
            case 0 -> cluster.elect(peer);
            case 1 -> crash(peer, length);
            case 2 -> pause(cluster.peer(peer).process(), length);
            case 3, 4 -> who.pause(length);
            case 5, 6 -> network.cutOff(who.process, length);
            case 7 -> network.worsen(length);
            case 8 -> who.process.run(() -> who.election.resignAsync());
            case 9 ->
                who.process.run(() -> {
                    var unused = who.election.resignAsync();
                    who.election.stand();
                });
            case 10 -> who.process.run(who.election::stand);
            case 11 -> force();
            // Not all of them: somebody has to lead in the end.
            default -> {
                if (who.number > 1 && random.nextInt(6) == 0) {
                    if (random.nextBoolean()) {
                        who.process.kill();
                    } else {
                        who.process.run(who::closeClient);
                    }
                }
            }
        }
    }

    private void force() {
        var unused = operator.createLock().forceReleaseAsync(OFFICE);
    }

    private static boolean isByForce(Batch batch) {
        return batch.sessions().stream()
                .flatMap(session -> session.commands().stream())
                .anyMatch(each -> each.command() instanceof Command.ForceRelease);
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

    private void heal() {
        network.heal();
        for (int i = 0; i < PEERS; i++) {
            SimulatedPeer peer = cluster.peer(i);
            peer.process().resume();
            if (peer.process().isDead()) {
                peer.restart();
            }
        }
        for (Candidate each : candidates) {
            each.process.resume();
            each.process.run(each.election::stand);
        }
    }

    /** What a process believes that runs, the cluster has not ended. Two who lead at the same time would break that. */
    private void requireLeadersToHold() {
        candidates.stream().filter(each -> each.process.isRunning()).forEach(this::requireToHoldIfItLeads);
    }

    private void requireToHoldIfItLeads(Candidate candidate) {
        long token = candidate.election.term().map(Term::token).orElse(0L);
        require(
                token == 0 || token == holder() || forced.contains(token),
                candidate.process.name() + " leads for term " + token + ", but the cluster says that it is term "
                        + holder());
    }

    private long holder() {
        Answer.LockableView view = (Answer.LockableView) cluster.machine().answer(new Query.Inspect(KEY, 0));
        return view.holds().stream()
                .mapToLong(Answer.HoldView::token)
                .findFirst()
                .orElse(0);
    }

    private void requireOneLeader() {
        List<String> leaders = candidates.stream()
                .filter(each -> each.takesPart() && each.election.isLeader() && each.leading != null)
                .map(each -> each.process.name())
                .toList();
        if (leaders.size() != 1) {
            throw new SimulationFailure("long after all faults were over, these lead: " + leaders
                    + ", and the lock's token" + " is " + holder());
        }
        for (Candidate each : candidates) {
            Optional<Leader> seen = each.seen;
            if (each.takesPart() && (seen == null || seen.map(Leader::token).orElse(0L) != holder())) {
                throw new SimulationFailure(each.process.name() + " observes " + seen + ", not term " + holder());
            }
        }
    }

    private void requireNobody() {
        for (Candidate each : candidates) {
            if (each.process.isRunning() && (each.election.isLeader() || each.leading != null)) {
                throw new SimulationFailure(each.process.name() + " leads after it has closed its election");
            }
        }
        if (holder() != 0) {
            throw new SimulationFailure("the lock is held after all elections are closed, with token " + holder());
        }
    }

    /** One process with one candidate. */
    private final class Candidate implements ElectionListener {
        final int number;
        final SimulatedProcess process;
        final HoldfastClient client;
        final Election election;
        private boolean closed;
        private long resumedAtNanos = -1;

        @Nullable
        Term leading;

        @Nullable
        Optional<Leader> seen;

        private long lastSeen;

        Candidate(int number) {
            this.number = number;
            // As slow as Timers allows, or nearly; no leader's clock is faster than 1.
            process = new SimulatedProcess(scheduler, "candidate " + number, 1 - 0.008 * random.nextDouble());
            client = client(process, Duration.ofMillis(600 + random.nextInt(2500)));
            ElectionOptions options = ElectionOptions.defaults()
                    .priority(random.nextInt(3))
                    .yieldToHigher(random.nextBoolean())
                    .stepDownAfter(0.5 + 0.5 * random.nextDouble())
                    .handoverTimeout(Duration.ofMillis(random.nextInt(3000)))
                    .observeEvery(Duration.ofMillis(500));
            election = client.createElection(OFFICE, options, this);
            var unused = election.observe(this::observed);
        }

        boolean takesPart() {
            return process.isRunning() && !closed;
        }

        void closeClient() {
            closed = true;
            client.close();
            require(!election.isLeader(), process.name() + " leads after its client was closed");
        }

        void pause(long forNanos) {
            process.pause();
            scheduler.after(forNanos, () -> {
                if (!process.isDead()) {
                    // The very first thing that it asks, before any of its timers has run.
                    requireToHoldIfItLeads(this);
                    resumedAtNanos = scheduler.nowNanos();
                    process.resume();
                }
            });
        }

        @Override
        public void onElected(Term term) {
            require(leading == null, process.name() + " is elected while it leads");
            leading = term;
            elected++;
            trace(this, "elected", term.token());
            // One whose hold was taken by force, and who has not heard of it, begins whatever others do.
            require(
                    term.token() > lastTerm || forced.contains(term.token()),
                    "term " + term.token() + " begins after term " + lastTerm);
            lastTerm = Math.max(lastTerm, term.token());
            requireToHoldIfItLeads(this);
            if (random.nextInt(20) == 0) {
                throw new IllegalStateException("cannot lead now");
            }
        }

        @Override
        public void onRevoked(Term term, RevokeReason reason) {
            require(
                    leading == term && !term.isCurrent(),
                    process.name() + " is revoked for " + term + ", and led for " + leading);
            requireToBeKept(term, reason);
            trace(this, reason.name(), term.token());
            leading = null;
        }

        // What is called when a process goes on after a pause was decided before that.
        private void requireToBeKept(Term term, RevokeReason reason) {
            boolean kept = switch (reason) {
                case RESIGNED, YIELDED, FAILED, SUSPECT -> true;
                case LOST, FORCED, CLIENT_CLOSED -> false;
            };
            require(
                    !kept
                            || term.token() == holder()
                            || forced.contains(term.token())
                            || resumedAtNanos == scheduler.nowNanos(),
                    process.name() + " is told " + reason + " for term " + term.token()
                            + ", but the cluster says that it is term " + holder());
        }

        private void observed(Optional<Leader> leader) {
            long token = leader.map(Leader::token).orElse(lastSeen);
            require(token >= lastSeen, process.name() + " observes term " + token + " after term " + lastSeen);
            lastSeen = token;
            seen = leader;
            trace(this, "observes", leader.map(Leader::token).orElse(0L));
        }
    }
}
