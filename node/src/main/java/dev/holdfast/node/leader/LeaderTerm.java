package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.Visibility;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Everything that a peer does for callers during one term of its leadership. A term begins when the peer has applied all
 * earlier entries, and ends for good when the peer is deposed. Nothing is carried over to the next, so nothing can be stale.
 */
public final class LeaderTerm implements Transport {
    private final Replica replica;
    private final Timers timers;
    private final LogTimeSource logTime;
    private final SessionLeases leases = new SessionLeases();
    private final SessionOwners owners = new SessionOwners();
    private final EventHub events;
    private final GroupCommit commits;
    private final Expirer expirer;
    private final LeadershipRounds rounds;
    private final QueryThread queries;
    private volatile boolean closed;

    /** The same, with queries answered in place, and nothing measured. */
    public LeaderTerm(long term, Replica replica, ReplicatedLog log, Timers timers) {
        this(term, replica, log, timers, QueryThread.none(), RoundMeter.NONE);
    }

    /**
     * Begins the term. Called once this peer leads and has applied all entries of earlier terms.
     *
     * @param queries where queries are answered; it stays the caller's
     * @param meter told of each batch that is answered
     */
    public LeaderTerm(
            long term, Replica replica, ReplicatedLog log, Timers timers, QueryThread queries, RoundMeter meter) {
        this.replica = replica;
        this.queries = queries;
        this.timers = timers;
        this.logTime = new LogTimeSource(timers, replica.read(machine -> machine.logTimeMs()));
        this.events = new EventHub(replica);
        this.commits = new GroupCommit(batch -> log.append(term, logTime.nowMs(), batch), timers::nanoTime, meter);
        this.rounds = new LeadershipRounds(() -> log.confirmLeadership(term), timers);
        long now = timers.nanoTime();
        replica.read(machine -> {
            machine.forEachSession(open -> opened(open, now));
            return machine;
        });
        this.expirer = new Expirer(timers, logTime, leases, commits);
        expirer.start(replica.nextDeadlineMs());
    }

    /**
     * Sets how many bytes the state may take, for the members that follow too. Repeats it until it is done or the term is over.
     *
     * @param bytesMax 0 for no bound
     */
    public void boundState(long bytesMax) {
        if (replica.read(LockMachine::bytesMax) != bytesMax) {
            expirer.propose(List.of(new Command.BoundState(bytesMax)));
        }
    }

    /** The semantics in force, as far as this peer has applied the log. */
    public int semantics() {
        return replica.read(LockMachine::semantics);
    }

    /**
     * Switches to newer semantics. All members must know them: one that does not stops when it applies this. Repeats it until it
     * is done or the term is over.
     */
    public void activate(int semantics) {
        if (semantics() < semantics) {
            expirer.propose(List.of(new Command.Activate(semantics)));
        }
    }

    /** The log time now. */
    public long logTimeMs() {
        return logTime.nowMs();
    }

    /**
     * Puts the command into the log once. Completes when it has been applied here; fails if the term is over, or if it is not known
     * what became of it. An entry that lands in a later term does nothing: see {@link LogEntry#in}. The term is over by then.
     */
    public CompletableFuture<Void> propose(Command.SystemCommand command) {
        return closed
                ? NotLeading.failed()
                : commits.propose(List.of(command)).thenAccept(done -> whileLeading(() -> true));
    }

    /** Called by the applying thread for every entry that is applied during the term. */
    public void applied(Applied applied) {
        long now = timers.nanoTime();
        applied.opened().forEach(open -> opened(open, now));
        applied.events().forEach(events::publish);
        for (SessionId session : applied.ended()) {
            leases.end(session);
            owners.ended(session);
            events.end(session);
        }
        expirer.applied(replica.nextDeadlineMs());
    }

    private void opened(Applied.OpenSession open, long nowNanos) {
        owners.opened(open.session(), open.principal());
        leases.open(open.session(), open.leaseMs(), nowNanos);
    }

    /** How many open sessions each principal has; those that are nobody's in particular under the empty name. */
    public Map<String, Long> sessionsByPrincipal() {
        Map<String, Long> owned = owners.count();
        long all = replica.read(LockMachine::sessionCount);
        long ofNobody = all - owned.values().stream().mapToLong(Long::longValue).sum();
        if (ofNobody > 0) {
            owned.put("", ofNobody);
        }
        return owned;
    }

    /** The principal that opened that session; empty if it is nobody's in particular, or not open. Does not block. */
    public String ownerOf(SessionId session) {
        return owners.of(session);
    }

    /** The log time at which this was called; known once this peer still led after that, else it fails. */
    public CompletableFuture<Long> confirmedLogTimeMs() {
        long arrivalLogTimeMs = logTime.nowMs();
        return confirmed(rounds::join).thenApply(confirmed -> whileLeading(() -> arrivalLogTimeMs));
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return closed ? NotLeading.failed() : commits.submit(batch);
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return query(query, Visibility.ALL);
    }

    /** The same for somebody whose listings show only what is visible. */
    public CompletableFuture<Answer> query(Query query, Visibility visibility) {
        return queries.answer(() -> confirmed(rounds::join), () -> whileLeading(() -> answer(query, visibility)));
    }

    private Answer answer(Query query, Visibility visibility) {
        return query instanceof Query.History history
                ? replica.history().page(history, logTime.nowMs())
                : replica.read(machine -> machine.answer(query, logTime.nowMs(), visibility));
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        // Both are read before the round begins: the lease counts from the arrival, and at that log time the keep-alive
        // had already been sent.
        long arrivalNanos = timers.nanoTime();
        long arrivalLogTimeMs = logTime.nowMs();
        // At once: a round that takes long, or fails, is not the client's fault.
        leases.renew(session, arrivalNanos);
        return confirmed(() -> rounds.joinWithin(leases.patienceNanos(session, arrivalNanos)))
                .thenApply(confirmed -> whileLeading(() -> leases.answer(session, arrivalNanos)
                        ? new KeepAliveReply.Alive(arrivalLogTimeMs)
                        : new KeepAliveReply.Gone()));
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        return events.subscribe(session, afterNumber, sink);
    }

    /**
     * Completes only if this peer still led after the question had arrived. Everything acknowledged before then has been applied
     * here, so an answer from then on is linearizable.
     */
    private CompletableFuture<Void> confirmed(Supplier<CompletableFuture<Void>> round) {
        return closed ? NotLeading.failed() : round.get();
    }

    private <T> T whileLeading(Supplier<T> answer) {
        if (closed) {
            throw NotLeading.anyMore();
        }
        return answer.get();
    }

    /**
     * Another is about to lead: batches wait from now on. They fail as at a peer that does not lead, and nothing of them was done,
     * when the term ends; or they go on when it is {@linkplain #resume resumed}.
     */
    public void hold() {
        commits.hold();
    }

    /** Nobody else leads after all. */
    public void resume() {
        commits.resume();
    }

    /** Ends the term. */
    @Override
    public void close() {
        closed = true;
        expirer.close();
        commits.close();
        events.close();
    }
}
