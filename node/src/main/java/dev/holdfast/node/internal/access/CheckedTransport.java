package dev.holdfast.node.internal.access;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.NotLeading;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one caller reaches of a group, at this peer: as much as it may.
 *
 * <ul>
 *   <li>A command that it may not give is taken out of its batch and answered as {@code FORBIDDEN}, beside the outcomes of the
 *       others. It does not get into the log.
 *   <li>Somebody else's session is, to it, one that is not open.
 *   <li>Listings show what it may see.
 *   <li>Where a command records who sent it, the batch says so, whatever the caller wrote there.
 * </ul>
 *
 * <p>Whoever may do everything pays for a look at the session's owner, and nothing else. Nothing is handed to a later term than the
 * one that knew the owner.
 *
 * <p>See {@code docs/adr/015-principals-and-rules.md}.
 */
public final class CheckedTransport implements Transport {
    private final LocalLeader local;
    private final Principal principal;
    private final String address;
    private final CurrentRights rights;
    private final InstantSource clock;
    private final Refusals refusals;

    /**
     * One caller's.
     *
     * @param address where it comes from; empty if from this process
     * @param clock by which it is recorded when something was done
     */
    public CheckedTransport(
            LocalLeader local,
            Principal principal,
            String address,
            CurrentRights rights,
            InstantSource clock,
            Refusals refusals) {
        this.local = local;
        this.principal = principal;
        this.address = address;
        this.rights = rights;
        this.clock = clock;
        this.refusals = refusals;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        TransportException misdirected = local.misdirected(batch);
        if (misdirected != null) {
            return CompletableFuture.failedFuture(misdirected);
        }
        LeaderTerm term = local.term();
        if (term == null) {
            return NotLeading.failed();
        }
        if (!isOwn(term, batch.session())) {
            refuse(Denial.OTHERS_SESSION, "session " + batch.session() + " is somebody else's");
            Outcome unknown = new Outcome.Rejected(
                    RejectionCode.SESSION_UNKNOWN, "session " + batch.session() + " is not open, or not any more");
            return rejected(
                    term, batch, batch.commands().stream().map(each -> unknown).toList());
        }
        Rights mine = rights.now();
        return mine == Rights.ALL ? term.submit(stamped(batch)) : submitWhatIsAllowed(term, batch, mine);
    }

    private CompletableFuture<SubmitReply> submitWhatIsAllowed(LeaderTerm term, SessionBatch batch, Rights mine) {
        Judge judge = new Judge(principal, mine);
        List<SequencedCommand> allowed = new ArrayList<>();
        List<@Nullable Outcome> forbidden = new ArrayList<>();
        for (SequencedCommand command : batch.commands()) {
            String missing = judge.missing(command.command(), term::ownerOf);
            if (missing == null) {
                allowed.add(command);
                forbidden.add(null);
            } else {
                refuse(Denial.FORBIDDEN, missing);
                forbidden.add(new Outcome.Rejected(RejectionCode.FORBIDDEN, missing));
            }
        }
        if (allowed.size() == batch.commands().size()) {
            return term.submit(stamped(batch));
        }
        if (allowed.isEmpty()) {
            return rejected(term, batch, forbidden);
        }
        return term.submit(stamped(new SessionBatch(
                        batch.session(), batch.outcomesAcknowledged(), batch.eventsAcknowledged(), allowed)))
                .thenApply(reply -> new SubmitReply(
                        reply.session(), reply.logTimeMs(), merged(batch, forbidden, reply.outcomes())));
    }

    /** Nothing of it is submitted. Its answer needs the log time all the same, as clients count their leases by it. */
    private static CompletableFuture<SubmitReply> rejected(
            LeaderTerm term, SessionBatch batch, List<? extends @Nullable Outcome> outcomes) {
        return term.confirmedLogTimeMs()
                .thenApply(
                        logTimeMs -> new SubmitReply(batch.session(), logTimeMs, merged(batch, outcomes, List.of())));
    }

    private static List<SequencedOutcome> merged(
            SessionBatch batch, List<? extends @Nullable Outcome> forbidden, List<SequencedOutcome> done) {
        List<SequencedOutcome> merged = new ArrayList<>(forbidden.size());
        int next = 0;
        for (int i = 0; i < forbidden.size(); i++) {
            Outcome outcome = forbidden.get(i);
            merged.add(
                    outcome == null
                            ? done.get(next++)
                            : new SequencedOutcome(batch.commands().get(i).sequence(), outcome));
        }
        return merged;
    }

    private SessionBatch stamped(SessionBatch batch) {
        if (batch.recordsCaller()) {
            return batch.withCaller(new Caller(principal.name(), address, clock.millis()));
        }
        return batch.caller().equals(Caller.NOBODY) ? batch : batch.withCaller(Caller.NOBODY);
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        LeaderTerm term = local.term();
        if (term == null) {
            return NotLeading.failed();
        }
        Rights mine = rights.now();
        String missing = mine == Rights.ALL ? null : new Judge(principal, mine).missing(query);
        if (missing != null) {
            refuse(Denial.FORBIDDEN, missing);
            return CompletableFuture.completedFuture(new Answer.QueryRejected(RejectionCode.FORBIDDEN, missing));
        }
        return term.query(query, mine.visibility());
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        LeaderTerm term = local.term();
        if (term == null) {
            return NotLeading.failed();
        }
        if (!isOwn(term, session)) {
            refuse(Denial.OTHERS_SESSION, "session " + session + " is somebody else's");
            return CompletableFuture.completedFuture(new KeepAliveReply.Gone());
        }
        return term.keepAlive(session);
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        LeaderTerm term = local.term();
        if (term == null) {
            sink.onBroken(NotLeading.anyMore());
            return () -> {};
        }
        if (!isOwn(term, session)) {
            refuse(Denial.OTHERS_SESSION, "session " + session + " is somebody else's");
            sink.onBroken(NotLeading.because("session " + session + " is not open, as far as this peer knows"));
            return () -> {};
        }
        return term.subscribe(session, afterNumber, sink);
    }

    /** One that nobody in particular has opened is that of whoever knows its id. */
    private boolean isOwn(LeaderTerm term, SessionId session) {
        String owner = term.ownerOf(session);
        return owner.isEmpty() || owner.equals(principal.name());
    }

    private void refuse(Denial denial, String why) {
        refusals.refused(principal + " at " + address, denial, why);
    }

    /** Does nothing: the leader serves others too. */
    @Override
    public void close() {}
}
