package dev.holdfast.client.support;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A cluster in memory that answers at once and fails as it is told: the next batches according to {@link #next}, everything
 * while it is {@link #down}.
 */
public final class FakeCluster implements Transport {
    /** Log time has nothing to do with the client's clock. */
    private static final long LOG_TIME_OFFSET_MS = 5_000_000;

    public static final String LACKS = "principal 'bob' lacks 'lock' on 'order:1'";

    /** Every batch that a client submitted, the lost ones too. */
    public final List<SessionBatch> submitted = new ArrayList<>();

    public final Map<SessionId, FakeSession> sessions = new LinkedHashMap<>();
    public volatile boolean down;
    public volatile KeepAlives keepAlives = KeepAlives.ANSWERED;
    public volatile boolean eventsHeldBack;
    public int keepAliveCount;
    public int subscribeCount;
    public volatile int queryCount;
    public boolean closed;

    /** Commands that the rules do not allow: they are answered as such, and nothing is done. */
    public volatile Predicate<Command> forbidden = command -> false;

    /** Whether queries are not allowed. */
    public volatile boolean queriesForbidden;

    public final List<Rule> rules = new ArrayList<>();
    public final List<AuditRecord> audit = new ArrayList<>();

    private final ManualTimers timers;
    private final FakeLocks locks = new FakeLocks();
    private final ArrayDeque<Fault> faults = new ArrayDeque<>();
    private final ArrayDeque<Held> heldBack = new ArrayDeque<>();
    private long lastSession;

    /** What becomes of keep-alives. */
    public enum KeepAlives {
        ANSWERED,
        FAILING,
        FORBIDDEN,
        SILENT
    }

    /** What becomes of a batch. */
    public enum Fault {
        NONE,
        /** Never gets there, and the client knows that. */
        NO_LEADER,
        /** Never gets there, but the client cannot know. */
        LOST,
        /** Is applied, but its answer is lost. */
        ANSWER_LOST,
        /** Is refused for good. */
        REFUSED,
        /** Is not admitted. */
        FORBIDDEN,
        /** Is applied, and answered by {@link #answerHeld}. */
        ANSWER_HELD,
        /** Is neither applied nor answered before {@link #applyHeld}. */
        HELD
    }

    private record Held(SessionBatch batch, SubmitReply reply, CompletableFuture<SubmitReply> future) {}

    public FakeCluster(ManualTimers timers) {
        this.timers = timers;
    }

    /** What becomes of the next batches, in order; those after them are not disturbed. */
    public synchronized void next(Fault... fates) {
        faults.addAll(List.of(fates));
    }

    public long logTimeMs() {
        return LOG_TIME_OFFSET_MS + TimeUnit.NANOSECONDS.toMillis(timers.nanoTime());
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        CompletableFuture<SubmitReply> future = new CompletableFuture<>();
        synchronized (this) {
            submitted.add(batch);
            Fault fate = faults.isEmpty() ? Fault.NONE : faults.remove();
            if (down || fate == Fault.NO_LEADER) {
                future.completeExceptionally(failure(Kind.NO_LEADER));
                return future;
            }
            switch (fate) {
                case REFUSED -> future.completeExceptionally(failure(Kind.REFUSED));
                case FORBIDDEN -> future.completeExceptionally(failure(Kind.FORBIDDEN));
                case LOST -> future.completeExceptionally(failure(Kind.OUTCOME_UNKNOWN));
                case ANSWER_LOST -> {
                    apply(batch);
                    future.completeExceptionally(failure(Kind.OUTCOME_UNKNOWN));
                }
                case ANSWER_HELD -> heldBack.add(new Held(batch, apply(batch), future));
                case HELD -> heldBack.add(new Held(batch, null, future));
                case NONE, NO_LEADER -> future.complete(apply(batch));
            }
        }
        deliver();
        return future;
    }

    /** Answers the oldest batch that was held back after it was applied. */
    public void answerHeld() {
        Held held;
        synchronized (this) {
            held = heldBack.remove();
        }
        held.future.complete(held.reply);
    }

    /** Applies and answers the oldest batch that was held back before it was applied. */
    public void applyHeld() {
        Held held;
        SubmitReply reply;
        synchronized (this) {
            held = heldBack.remove();
            reply = apply(held.batch);
        }
        held.future.complete(reply);
        deliver();
    }

    /** Fails the oldest batch that was held back. */
    public void failHeld(Kind kind) {
        Held held;
        synchronized (this) {
            held = heldBack.remove();
        }
        held.future.completeExceptionally(failure(kind));
    }

    /** Fails the newest batch that was held back. */
    public void failNewestHeld(Kind kind) {
        Held held;
        synchronized (this) {
            held = heldBack.removeLast();
        }
        held.future.completeExceptionally(failure(kind));
    }

    public static TransportException failure(Kind kind) {
        return new TransportException(kind, "told to fail: " + kind);
    }

    /** A late copy of a batch arrives. */
    public synchronized SubmitReply apply(SessionBatch batch) {
        locks.expire(logTimeMs());
        FakeSession session = sessions.get(batch.session());
        if (session != null) {
            session.acknowledge(batch.outcomesAcknowledged(), batch.eventsAcknowledged());
        }
        List<SequencedOutcome> outcomes = new ArrayList<>();
        for (SequencedCommand command : batch.commands()) {
            outcomes.add(new SequencedOutcome(command.sequence(), execute(batch, command)));
        }
        return new SubmitReply(batch.session(), logTimeMs(), outcomes);
    }

    private Outcome execute(SessionBatch batch, SequencedCommand sequenced) {
        if (forbidden.test(sequenced.command())) {
            return new Outcome.Rejected(RejectionCode.FORBIDDEN, LACKS);
        }
        if (sequenced.command() instanceof Command.OpenSession) {
            return open(batch.session());
        }
        if (sequenced.command() instanceof Command.EndSession other) {
            if (sessions.containsKey(other.session())) {
                endSession(other.session());
            }
            return new Outcome.Acknowledged();
        }
        FakeSession session = sessions.get(batch.session());
        long sequence = sequenced.sequence();
        if (session == null) {
            return new Outcome.Rejected(RejectionCode.SESSION_UNKNOWN, "no such session");
        }
        if (sequence <= session.outcomesAcknowledged) {
            return new Outcome.Rejected(RejectionCode.SEQUENCE_STALE, "acknowledged");
        }
        Outcome known = session.outcomes.get(sequence);
        if (known == null) {
            known = execute(session, sequence, sequenced.command());
            session.outcomes.put(sequence, known);
        }
        return known;
    }

    private Outcome open(SessionId nonce) {
        for (FakeSession session : sessions.values()) {
            if (session.id.high() == nonce.high()) {
                return new Outcome.SessionOpened(session.id);
            }
        }
        SessionId id = new SessionId(nonce.high(), ++lastSession);
        sessions.put(id, new FakeSession(id));
        return new Outcome.SessionOpened(id);
    }

    private Outcome execute(FakeSession session, long sequence, Command command) {
        if (command instanceof Command.Acquire acquire) {
            return locks.acquire(session, sequence, acquire, logTimeMs());
        } else if (command instanceof Command.AcquireAll acquire) {
            return locks.acquireAll(session, sequence, acquire, logTimeMs());
        } else if (command instanceof Command.Release release) {
            return locks.release(release, session, logTimeMs());
        } else if (command instanceof Command.Extend extend) {
            return locks.extend(extend, logTimeMs());
        } else if (command instanceof Command.Attach attach) {
            return locks.attach(attach, session);
        } else if (command instanceof Command.Leave leave) {
            return locks.leave(leave, session, logTimeMs());
        } else if (command instanceof Command.ExpireIn expireIn) {
            return locks.expireIn(expireIn, logTimeMs());
        } else if (command instanceof Command.Drain drain) {
            return locks.drain(session, sequence, drain, logTimeMs());
        } else if (command instanceof Command.RequestRelease request) {
            return locks.requestRelease(request.lockable());
        } else if (command instanceof Command.ForceRelease force) {
            return locks.forceRelease(force.lockable(), logTimeMs());
        } else if (command instanceof Command.CancelAcquire cancel) {
            boolean undone = locks.cancel(session, cancel.acquireSequence(), logTimeMs());
            session.outcomes.putIfAbsent(
                    cancel.acquireSequence(), new Outcome.Rejected(RejectionCode.SEQUENCE_STALE, "cancelled"));
            return new Outcome.Cancelled(undone);
        } else if (command instanceof Command.PutRule put) {
            return new Outcome.RulesChanged(!rules.contains(put.rule()) && rules.add(put.rule()));
        } else if (command instanceof Command.RemoveRule remove) {
            return new Outcome.RulesChanged(rules.remove(remove.rule()));
        } else if (command instanceof Command.CloseSession) {
            endSession(session.id);
            return new Outcome.SessionClosed();
        }
        return new Outcome.Acknowledged();
    }

    /** Ends a session as if its lease had lapsed. */
    public synchronized void endSession(SessionId id) {
        locks.endSession(sessions.remove(id), logTimeMs());
    }

    /** Lets what is due expire, and tells of it. */
    public void tick() {
        synchronized (this) {
            locks.expire(logTimeMs());
        }
        deliver();
    }

    /** Takes a lock by force, as an operator would. */
    public void forceRelease(LockableKey key) {
        synchronized (this) {
            locks.forceRelease(key, logTimeMs());
        }
        deliver();
    }

    /** Asks for a lock, as another client would. */
    public void requestRelease(LockableKey key) {
        synchronized (this) {
            locks.requestRelease(key);
        }
        deliver();
    }

    /** Who holds it, in the order of their grants. */
    public synchronized List<Owner> holders(LockableKey key) {
        return List.copyOf(locks.entry(key).holds.keySet());
    }

    public synchronized int held(LockableKey key) {
        return locks.entry(key).held();
    }

    public synchronized int waiters(LockableKey key) {
        return locks.waiters(key);
    }

    /** A hold of somebody whom no client here knows. */
    public synchronized void occupy(LockableKey key, Owner owner, int permits) {
        FakeSession stranger = new FakeSession(new SessionId(1, 0));
        locks.acquire(
                stranger, 1, new Command.Acquire(key, owner, permits, 1_000, false, Lease.SESSION, 0), logTimeMs());
    }

    /** What the owner releases in another process. */
    public synchronized void releaseElsewhere(LockableKey key, Owner owner, long token, int permits) {
        locks.release(
                new Command.Release(key, owner, token, permits), new FakeSession(new SessionId(1, 0)), logTimeMs());
    }

    /** The only open session. */
    public synchronized FakeSession session() {
        if (sessions.size() != 1) {
            throw new IllegalStateException("there are " + sessions.size() + " sessions");
        }
        return sessions.values().iterator().next();
    }

    /** Sends each session the events that it has not been sent. */
    public void deliver() {
        if (eventsHeldBack) {
            return;
        }
        List<FakeSession> all;
        synchronized (this) {
            all = List.copyOf(sessions.values());
        }
        for (FakeSession session : all) {
            List<NumberedEvent> fresh;
            EventSink sink;
            synchronized (this) {
                fresh = List.copyOf(session.events.subList((int) session.delivered, session.events.size()));
                sink = session.sink;
                if (sink != null) {
                    session.delivered = session.events.size();
                }
            }
            if (sink != null && !fresh.isEmpty()) {
                sink.onEvents(fresh);
            }
        }
    }

    /** Ends every subscription. */
    public void breakSubscriptions() {
        for (FakeSession session : List.copyOf(sessions.values())) {
            EventSink sink = session.sink;
            session.sink = null;
            if (sink != null) {
                sink.onBroken(failure(Kind.UNREACHABLE));
            }
        }
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        CompletableFuture<Answer> future = new CompletableFuture<>();
        synchronized (this) {
            queryCount++;
            if (down) {
                future.completeExceptionally(failure(Kind.NO_LEADER));
            } else if (queriesForbidden) {
                future.complete(new Answer.QueryRejected(RejectionCode.FORBIDDEN, LACKS));
            } else if (query instanceof Query.Rules) {
                future.complete(new Answer.RuleList(rules));
            } else if (query instanceof Query.Audit page) {
                List<AuditRecord> rest = audit.stream()
                        .filter(each -> each.number() > page.afterNumber())
                        .toList();
                future.complete(new Answer.AuditPage(rest.stream().limit(2).toList(), rest.size() > 2));
            } else if (query instanceof Query.Inspect inspect) {
                future.complete(view(inspect.lockable()));
            } else if (query instanceof Query.ListLockables list) {
                future.complete(page(list));
            } else {
                future.complete(new Answer.SessionPage(List.of(), false));
            }
        }
        return future;
    }

    private Answer.LockablePage page(Query.ListLockables list) {
        List<LockableKey> keys = locks.entries.keySet().stream()
                .filter(key -> key.key().startsWith(list.keyPrefix()))
                .filter(key -> list.after() == null || key.compareTo(list.after()) > 0)
                .sorted()
                .toList();
        List<Answer.LockableView> views = keys.stream().limit(2).map(this::view).toList();
        return new Answer.LockablePage(views, keys.size() > 2);
    }

    private Answer.LockableView view(LockableKey key) {
        FakeLocks.Entry entry = locks.entry(key);
        List<Answer.HoldView> holds = new ArrayList<>();
        entry.holds.forEach((owner, hold) -> holds.add(new Answer.HoldView(
                owner,
                hold.token,
                hold.count,
                hold.lease,
                1_000,
                hold.deadlineMs == LogTime.NEVER ? LogTime.NEVER : hold.deadlineMs - logTimeMs(),
                List.of(new Answer.SessionView("0123abcd", "host-1", "client-1", "alice", "10.0.0.7")))));
        List<Answer.WaiterView> waiters = entry.waiters.stream()
                .map(FakeLocks.Waiter::acquire)
                .map(acquire -> new Answer.WaiterView(
                        acquire.owner(),
                        acquire.permits(),
                        acquire.limit(),
                        0,
                        acquire.waitMs(),
                        new Answer.SessionView("0123abcd", "host-1", "client-1", "alice", "10.0.0.7")))
                .toList();
        return new Answer.LockableView(key, entry.held(), holds, entry.waiters.size(), waiters);
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        CompletableFuture<KeepAliveReply> future = new CompletableFuture<>();
        synchronized (this) {
            keepAliveCount++;
            if (down || keepAlives == KeepAlives.FAILING) {
                future.completeExceptionally(failure(Kind.NO_LEADER));
            } else if (keepAlives == KeepAlives.FORBIDDEN) {
                future.completeExceptionally(failure(Kind.FORBIDDEN));
            } else if (keepAlives == KeepAlives.ANSWERED) {
                future.complete(
                        sessions.containsKey(session)
                                ? new KeepAliveReply.Alive(logTimeMs())
                                : new KeepAliveReply.Gone());
            }
        }
        return future;
    }

    @Override
    public Subscription subscribe(SessionId id, long afterNumber, EventSink sink) {
        FakeSession session;
        synchronized (this) {
            subscribeCount++;
            session = down ? null : sessions.get(id);
            if (session != null) {
                session.sink = sink;
                session.delivered = afterNumber;
            }
        }
        if (session == null) {
            sink.onBroken(failure(Kind.NO_LEADER));
            return () -> {};
        }
        deliver();
        return () -> {
            synchronized (this) {
                if (session.sink == sink) {
                    session.sink = null;
                }
            }
        };
    }

    @Override
    public void close() {
        closed = true;
    }
}
