package dev.holdfast.statemachine;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Locks, semaphores and sessions as a deterministic function of the log. The driver's duties:
 *
 * <ol>
 *   <li>Call {@link #apply} once for each entry, in log order, with the entry's index and stamp. Nothing else changes
 *       the machine.
 *   <li>Hold one lock around every call: the machine does no synchronization of its own.
 *   <li>Stamp entries from a clock that never runs faster than real time. Stamps may be out of order: the machine uses
 *       the highest so far.
 *   <li>Propose a {@link Command.Tick} when {@link #nextDeadlineMs} has come and nothing else is being proposed.
 *   <li>Propose {@link Command.ExpireSession} for a session whose client has been silent for its lease.
 *   <li>Deliver {@link Applied#events} to their sessions, and after an interruption all of {@link #eventsAfter}.
 * </ol>
 *
 * <p>The machine completes the ids of the sessions that it opens: {@code
 * docs/adr/003-session-ids-come-from-the-machine.md}.
 */
public final class LockMachine {
    final MachineState state;
    private final Endings endings;
    private final LockTable locks;
    private final Room room;
    private final Administration administration;

    public LockMachine() {
        this(new MachineState());
    }

    /** One that does so much work of each kind for one entry. Peers must agree about that. */
    LockMachine(int stepsPerEntry) {
        this(new MachineState(stepsPerEntry));
    }

    LockMachine(MachineState state) {
        this.state = state;
        Holds holds = new Holds(state);
        Waiters waiters = new Waiters(state, holds);
        this.endings = new Endings(state, holds, waiters);
        this.locks = new LockTable(state, holds, waiters, endings);
        this.room = new Room(state);
        this.administration = new Administration(state);
    }

    /**
     * Applies one log entry: what is due expires, then the commands take effect in order. However much there is to do, one
     * entry does a bounded part of it, and the following ones the rest. Whatever is over meanwhile is granted to nobody.
     *
     * @param stampMs the log time that the leader gave the entry
     * @throws UnsupportedSemanticsException if the entry switches to semantics that this release does not know; the
     *     machine must not be used any more
     */
    public Applied apply(long index, long stampMs, Batch batch) {
        Effects effects = new Effects();
        state.appliedIndex = index;
        state.logTimeMs = Math.max(state.logTimeMs, stampMs);
        endings.catchUp(effects);
        effects.allow(state.stepsPerEntry + Limits.COMMANDS_PER_BATCH_MAX);
        for (SystemCommand command : batch.system()) {
            execute(command, effects);
        }
        List<SubmitReply> replies = new ArrayList<>(batch.sessions().size());
        for (SessionBatch session : batch.sessions()) {
            replies.add(execute(session, effects));
        }
        return new Applied(
                index,
                state.logTimeMs,
                replies,
                effects.events(),
                effects.opened,
                effects.ended,
                effects.expiredHolds,
                effects.changes);
    }

    /** Records that the log has advanced to that index by entries that are not for the machine. */
    public void skipTo(long index) {
        state.appliedIndex = Math.max(state.appliedIndex, index);
    }

    private void execute(SystemCommand command, Effects effects) {
        if (command instanceof Command.ExpireSession expire) {
            var unused = end(expire.session(), effects);
        } else if (command instanceof Command.ExpireHold expire) {
            locks.expireHold(expire, effects);
        } else if (command instanceof Command.Activate activate) {
            if (activate.semantics() > ProtocolVersion.SEMANTICS) {
                throw new UnsupportedSemanticsException(activate.semantics());
            }
            state.semantics = Math.max(state.semantics, activate.semantics());
        } else if (command instanceof Command.BoundState bound) {
            state.bytesMax = Math.max(0, bound.bytesMax());
        } else if (state.semantics >= ProtocolVersion.JOIN_TOKENS) {
            executeAboutMembers(command);
        }
    }

    private void executeAboutMembers(SystemCommand command) {
        if (command instanceof Command.OfferJoin offer) {
            if (state.joins.offer(offer, state.logTimeMs)) {
                administration.offered(offer);
            }
        } else if (command instanceof Command.UseJoin use) {
            state.joins.use(use, state.logTimeMs);
        } else if (command instanceof Command.EndJoin end) {
            state.joins.end(end, state.logTimeMs);
        } else if (command instanceof Command.WithdrawJoin withdraw) {
            JoinToken token = state.joins.withdraw(withdraw, state.logTimeMs);
            if (token != null) {
                administration.withdrawn(token, withdraw.caller());
            }
        } else if (command instanceof Command.RecordAudit record) {
            administration.record(record);
        }
    }

    private SubmitReply execute(SessionBatch batch, Effects effects) {
        Session session = state.sessions.get(batch.session());
        if (session != null && !session.ended()) {
            session.acknowledgeOutcomes(batch.outcomesAcknowledged());
            session.acknowledgeEvents(batch.eventsAcknowledged());
        }
        Outcome unnamed = Validator.check(batch.caller());
        List<SequencedOutcome> outcomes = new ArrayList<>(batch.commands().size());
        for (SequencedCommand command : batch.commands()) {
            Outcome outcome = unnamed != null ? unnamed : execute(batch, session, command, effects);
            outcomes.add(new SequencedOutcome(command.sequence(), outcome));
        }
        return new SubmitReply(batch.session(), state.logTimeMs, outcomes);
    }

    private Outcome execute(
            SessionBatch batch, @Nullable Session session, SequencedCommand sequenced, Effects effects) {
        if (sequenced.command() instanceof Command.OpenSession open) {
            return open(batch, open, effects);
        }
        if (sequenced.command() instanceof Command.EndSession other) {
            Session present = end(other.session(), effects);
            if (present != null) {
                administration.ended(present, session, batch.caller());
            }
            return new Outcome.Acknowledged();
        }
        if (session == null || session.ended()) {
            return new Outcome.Rejected(
                    RejectionCode.SESSION_UNKNOWN, "session " + batch.session() + " is not open, or not any more");
        }
        long sequence = sequenced.sequence();
        if (sequence <= session.outcomesAcknowledged()) {
            return new Outcome.Rejected(
                    RejectionCode.SEQUENCE_STALE, "sequence " + sequence + " was acknowledged before");
        }
        Outcome known = session.outcome(sequence);
        if (known != null) {
            return known;
        }
        if (sequence - session.outcomesAcknowledged() > Limits.UNACKNOWLEDGED_OUTCOMES_MAX) {
            return new Outcome.Rejected(
                    RejectionCode.LIMIT_REACHED,
                    "sequence " + sequence + " is more than " + Limits.UNACKNOWLEDGED_OUTCOMES_MAX
                            + " ahead of what was acknowledged");
        }
        Outcome outcome = execute(session, sequence, sequenced.command(), batch.caller(), effects);
        if (!session.ended()) {
            session.putOutcome(sequence, outcome);
        }
        return outcome;
    }

    private Outcome execute(Session session, long sequence, ClientCommand command, Caller caller, Effects effects) {
        Outcome wrong = Validator.check(sequence, command);
        if (wrong == null) {
            wrong = room.forCommand(session, command);
        }
        if (wrong != null) {
            return wrong;
        }
        if (command instanceof Command.Acquire acquire) {
            return locks.acquire(session, sequence, acquire, effects);
        } else if (command instanceof Command.Release release) {
            return locks.release(session, release, effects);
        } else if (command instanceof Command.Extend extend) {
            return locks.extend(extend, effects);
        } else if (command instanceof Command.Attach attach) {
            return locks.attach(session, attach, effects);
        } else if (command instanceof Command.Leave leave) {
            return locks.leave(session, leave, effects);
        } else if (command instanceof Command.ExpireIn expireIn) {
            return locks.expireIn(expireIn, effects);
        } else if (command instanceof Command.Drain drain) {
            return locks.drain(session, sequence, drain, effects);
        } else if (command instanceof Command.RequestRelease request) {
            return locks.requestRelease(request, effects);
        } else if (command instanceof Command.CancelAcquire cancel) {
            return cancel(session, cancel.acquireSequence(), effects);
        } else if (command instanceof Command.AcquireAll acquire) {
            return locks.acquireAll(session, sequence, acquire, effects);
        } else if (command instanceof Command.ForceRelease force) {
            return administration.forced(force, locks.forceRelease(force, effects), session, caller);
        } else if (command instanceof Command.PutRule put) {
            return administration.put(put, session, caller);
        } else if (command instanceof Command.RemoveRule remove) {
            return administration.remove(remove, session, caller);
        } else if (command instanceof Command.CloseSession) {
            end(session, effects);
            return new Outcome.SessionClosed();
        } else {
            return new Outcome.Acknowledged();
        }
    }

    private Outcome cancel(Session session, long acquireSequence, Effects effects) {
        boolean undone = locks.cancel(session, acquireSequence, effects);
        if (!undone && acquireSequence > session.outcomesAcknowledged() && session.outcome(acquireSequence) == null) {
            // The acquire itself is still on its way. When it arrives it must find that it was given up.
            session.putOutcome(
                    acquireSequence,
                    new Outcome.Rejected(RejectionCode.SEQUENCE_STALE, "the acquire was cancelled before it arrived"));
        }
        return new Outcome.Cancelled(undone);
    }

    private Outcome open(SessionBatch batch, Command.OpenSession open, Effects effects) {
        Outcome wrong = Validator.check(open, batch);
        if (wrong != null) {
            return wrong;
        }
        Session present = state.sessionOfNonce(batch.session().high());
        if (present != null) {
            return new Outcome.SessionOpened(present.id);
        }
        Caller caller = batch.caller();
        Outcome full = room.forSession(caller);
        if (full != null) {
            return full;
        }
        SessionId id = new SessionId(batch.session().high(), ++state.lastSession);
        Account account = state.accounts.of(caller.principal(), caller.address());
        state.addSession(new Session(id, open, caller, state.logTimeMs, 0, account, state.footprint));
        effects.opened.add(new Applied.OpenSession(id, open.leaseMs(), caller.principal()));
        return new Outcome.SessionOpened(id);
    }

    /** Returns the session that this ends; {@code null} if it is not open. */
    private @Nullable Session end(SessionId id, Effects effects) {
        Session session = state.sessions.get(id);
        if (session == null || session.ended()) {
            return null;
        }
        end(session, effects);
        return session;
    }

    private void end(Session session, Effects effects) {
        endings.endSession(session, effects);
        effects.ended.add(session.id);
    }

    /**
     * Adds a record to the audit outside of any log: of how the state came to be, before a log begins with it. Equal machines give equal
     * ones.
     */
    public void record(Command.RecordAudit record) {
        administration.record(record);
    }

    /** Answers from the present state, at its log time. */
    public Answer answer(Query query) {
        return answer(query, state.logTimeMs);
    }

    /**
     * Answers from the present state, but computes ages and remaining leases at {@code nowMs}, in log time: without
     * commands the log stands still, and time does not.
     */
    public Answer answer(Query query, long nowMs) {
        return answer(query, nowMs, Visibility.ALL);
    }

    /**
     * The same for somebody whose listings leave out what is not visible. Their pages are as full as others. Whether any other
     * query may be asked at all is up to the caller.
     */
    public Answer answer(Query query, long nowMs, Visibility visibility) {
        return new Inspector(state, nowMs, visibility).answer(query);
    }

    /** The number of the last record of the audit; 0 if there is none. */
    public long lastAudited() {
        return state.audit.lastNumber();
    }

    /** The audit, oldest first. */
    public List<AuditRecord> audit() {
        return state.audit.list();
    }

    /** The rules, in the order of their subjects and prefixes. The same object as before, unless they have changed. */
    public List<Rule> rules() {
        return state.rules.list();
    }

    /**
     * The tokens by which peers become members, in the order of their hashes. Some may have {@linkplain JoinToken#expiresAtMs
     * expired}.
     */
    public List<JoinToken> joinTokens() {
        return state.joins.list();
    }

    /** The token with that hash; {@code null} if it is not known, or not any more. */
    public @Nullable JoinToken joinToken(String hash) {
        return state.joins.find(hash);
    }

    /**
     * The session's unacknowledged events whose number is above {@code number}, oldest first; {@code null} if the
     * session is not open.
     */
    public @Nullable List<NumberedEvent> eventsAfter(SessionId id, long number) {
        return eventsAfter(id, number, Integer.MAX_VALUE);
    }

    /** The same, but only the first {@code max} of them. Takes time in proportion to these, wherever they begin. */
    public @Nullable List<NumberedEvent> eventsAfter(SessionId id, long number, int max) {
        Session session = state.sessions.get(id);
        return session == null || session.ended() ? null : session.eventsAfter(number, max);
    }

    /** Calls {@code consumer} for each open session. */
    public void forEachSession(Consumer<Applied.OpenSession> consumer) {
        for (Session session : state.sessionsInOrder.values()) {
            consumer.accept(new Applied.OpenSession(session.id, session.leaseMs, session.principal));
        }
    }

    /**
     * When something is due next, in log time; {@link dev.holdfast.protocol.LogTime#NEVER} if nothing is. It is past if the
     * last entry left work for another.
     */
    public long nextDeadlineMs() {
        return state.backlog.isEmpty() ? state.deadlines.earliest() : state.logTimeMs;
    }

    public long logTimeMs() {
        return state.logTimeMs;
    }

    /** The version of the semantics that it applies its log by: see {@link ProtocolVersion#SEMANTICS}. */
    public int semantics() {
        return state.semantics;
    }

    /** Whether it never had a session nor a bound, as is so before a cluster's first leader has done anything. */
    public boolean isNew() {
        return state.lastSession == 0 && state.bytesMax == 0 && state.lastToken == 0;
    }

    public long appliedIndex() {
        return state.appliedIndex;
    }

    /** About how many bytes of heap the state takes; an upper estimate. */
    public long bytes() {
        return state.footprint.bytes();
    }

    /** How many bytes it may take before requests that add to it are rejected; 0 if there is no such bound. */
    public long bytesMax() {
        return state.bytesMax;
    }

    public long holdCount() {
        return state.holdCount;
    }

    public long waiterCount() {
        return state.waiterCount;
    }

    /**
     * A part of the answer to who waits longest.
     *
     * @param sinceMs the log time since when somebody waits for one of these lockables; {@link LogTime#NEVER} for nobody
     * @param last the last lockable of the part; {@code null} if there are no more behind it
     */
    public record LongestWait(long sinceMs, @Nullable LockableKey last) {}

    /**
     * Since when somebody waits, among some lockables in their order: it is asked in parts, so that none takes long.
     *
     * @param after the lockable behind which the part begins; {@code null} for the first part
     * @param max how many lockables it has at most
     */
    public LongestWait longestWait(@Nullable LockableKey after, int max) {
        long since = LogTime.NEVER;
        if (state.waiterCount > 0) {
            var rest = after == null ? state.lockablesInOrder : state.lockablesInOrder.tailMap(after, false);
            int seen = 0;
            for (LockableEntry entry : rest.values()) {
                Waiter head = entry.headWaiter();
                if (head != null) {
                    since = Math.min(since, head.sinceMs);
                }
                if (++seen == max) {
                    return new LongestWait(since, entry.lockable);
                }
            }
        }
        return new LongestWait(since, null);
    }

    /** The highest fencing token granted so far; 0 if none was. */
    public long lastToken() {
        return state.lastToken;
    }

    public int sessionCount() {
        return state.sessionsInOrder.size();
    }

    /**
     * Starts a capture of the present state; see {@link SnapshotCapture} for the driver's duties.
     *
     * @throws IllegalStateException if one is in progress
     */
    public SnapshotCapture capture() {
        return new SnapshotCapture(state);
    }

    /** Whether a capture is in progress, so that none can be started. */
    public boolean isCaptured() {
        return state.lockables.isCaptured();
    }

    /** SHA-256 of the state's canonical encoding, in hexadecimal. Takes time in proportion to the state's size. */
    public String stateHash() {
        return StateHash.of(state);
    }
}
