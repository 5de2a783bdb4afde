package dev.holdfast.statemachine;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.KnownFields;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.protocol.codec.OutcomeCodec;
import dev.holdfast.protocol.codec.RuleCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.protocol.v1.AuditRecordProto;
import dev.holdfast.protocol.v1.NumberedEventProto;
import dev.holdfast.protocol.v1.RuleProto;
import dev.holdfast.protocol.v1.SequencedOutcomeProto;
import dev.holdfast.protocol.v1.SessionIdProto;
import dev.holdfast.statemachine.v1.AccessProto;
import dev.holdfast.statemachine.v1.GrantProto;
import dev.holdfast.statemachine.v1.HeaderProto;
import dev.holdfast.statemachine.v1.HoldLinkProto;
import dev.holdfast.statemachine.v1.HoldProto;
import dev.holdfast.statemachine.v1.JoinTokenProto;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.SessionProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import dev.holdfast.statemachine.v1.TrailerProto;
import dev.holdfast.statemachine.v1.WaiterProto;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a machine from the pieces of a {@link SnapshotCapture}, given in order. After an exception it is of no use.
 */
public final class SnapshotRestore {
    private static final KnownFields PIECE = KnownFields.of(SnapshotPieceProto.getDescriptor());

    private final MachineState state;
    private final Holds holds;
    private final Waiters waiters;

    /** The acquires of several lockables of which not all places were seen yet. */
    private final Map<AcquireId, JointWait> incomplete = new HashMap<>();

    /** The last session and lockable, the number of its next fragment, and whether there must be one. */
    private @Nullable Session lastSession;

    private @Nullable LockableEntry lastLockable;
    private int nextFragment;
    private boolean moreFollows;

    private long auditRecords;

    private boolean headerSeen;
    private boolean trailerSeen;

    private record AcquireId(SessionId session, long sequence) {}

    public SnapshotRestore() {
        this(MachineState.STEPS_PER_ENTRY);
    }

    SnapshotRestore(int stepsPerEntry) {
        state = new MachineState(stepsPerEntry);
        holds = new Holds(state);
        waiters = new Waiters(state, holds);
    }

    /** Accepts the next piece. */
    public void accept(byte[] piece) throws CorruptSnapshotException {
        try {
            PIECE.check(piece);
            accept(SnapshotPieceProto.parseFrom(piece));
        } catch (InvalidProtocolBufferException | MalformedMessageException e) {
            throw new CorruptSnapshotException("a piece of the snapshot is unreadable: " + e.getMessage(), e);
        }
    }

    /** Whether that piece is the last of a snapshot, behind which nothing is missing. */
    public static boolean isLast(byte[] piece) {
        try {
            return SnapshotPieceProto.parseFrom(piece).hasTrailer();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    /** Returns the machine, once all pieces have been accepted. */
    public LockMachine finish() throws CorruptSnapshotException {
        if (!trailerSeen) {
            throw new CorruptSnapshotException("the snapshot is incomplete");
        }
        return new LockMachine(state);
    }

    private void accept(SnapshotPieceProto piece) throws CorruptSnapshotException, MalformedMessageException {
        if (headerSeen == piece.hasHeader() || trailerSeen) {
            throw new CorruptSnapshotException("the pieces of the snapshot are out of order");
        }
        switch (piece.getPieceCase()) {
            case HEADER -> restore(piece.getHeader());
            case SESSIONS -> {
                for (SessionProto session : piece.getSessions().getSessionsList()) {
                    restore(session);
                }
            }
            case LOCKABLES -> {
                for (LockableProto lockable : piece.getLockables().getLockablesList()) {
                    restore(lockable);
                }
            }
            case ACCESS -> restore(piece.getAccess());
            case TRAILER -> check(piece.getTrailer());
            case PIECE_NOT_SET -> throw new CorruptSnapshotException("the snapshot has an unknown kind of piece");
        }
    }

    private void restore(HeaderProto header) throws CorruptSnapshotException {
        if (header.getFormatVersion() != StateEncoder.FORMAT_VERSION
                || header.getSemantics() > ProtocolVersion.SEMANTICS) {
            throw new NewerSnapshotException("the snapshot has format " + header.getFormatVersion() + " and semantics "
                    + header.getSemantics() + "; this release reads format " + StateEncoder.FORMAT_VERSION
                    + " and semantics up to " + ProtocolVersion.SEMANTICS + ": use a newer release");
        }
        headerSeen = true;
        state.appliedIndex = header.getAppliedIndex();
        state.logTimeMs = header.getLogTimeMs();
        state.semantics = header.getSemantics();
        state.lastToken = header.getLastToken();
        state.lastArrival = header.getLastArrival();
        state.lastSession = header.getLastSession();
        state.lastLink = header.getLastLink();
        state.bytesMax = header.getBytesMax();
    }

    private void restore(AccessProto access) throws MalformedMessageException, CorruptSnapshotException {
        for (RuleProto rule : access.getRulesList()) {
            state.rules.put(RuleCodec.decode(rule));
        }
        for (AuditRecordProto proto : access.getAuditList()) {
            AuditRecord decoded = RuleCodec.decode(proto);
            if (auditRecords > 0 && decoded.number() != state.audit.lastNumber() + 1) {
                throw new CorruptSnapshotException("the snapshot lacks a record of the audit");
            }
            state.audit.restore(decoded);
            auditRecords++;
        }
        for (JoinTokenProto token : access.getJoinTokensList()) {
            state.joins.put(new JoinToken(
                    token.getHash(),
                    token.getName(),
                    token.getExpiresAtMs(),
                    RuleCodec.decode(token.getMaker()),
                    token.getUserName(),
                    token.getUserIncarnation(),
                    token.getEnded(),
                    token.getWithdrawn()));
        }
    }

    /** Whether a fragment continues the one before, as it must if that was not the last. */
    private boolean continues(int fragment, boolean more, boolean same) throws CorruptSnapshotException {
        if (fragment != nextFragment || moreFollows != (fragment > 0) || (fragment > 0 && !same)) {
            throw new CorruptSnapshotException("the snapshot lacks a part of a session or of a lockable");
        }
        moreFollows = more;
        nextFragment = more ? fragment + 1 : 0;
        return fragment > 0;
    }

    private Session sessionOf(SessionProto proto) throws MalformedMessageException, CorruptSnapshotException {
        SessionId id = TermCodec.decode(proto.getId());
        Session last = lastSession;
        if (continues(proto.getFragment(), proto.getMore(), last != null && last.id.equals(id)) && last != null) {
            return last;
        }
        Session session = new Session(
                id,
                new Command.OpenSession(proto.getLeaseMs(), proto.getHost(), proto.getName()),
                new Caller(proto.getPrincipal(), proto.getAddress(), 0),
                proto.getSinceMs(),
                proto.getOutcomesAcknowledged(),
                state.accounts.of(proto.getPrincipal(), proto.getAddress()),
                state.footprint);
        session.restoreEventsAcknowledged(proto.getEventsAcknowledged());
        state.addSession(session);
        if (proto.getEnded()) {
            state.endSession(session);
        }
        lastSession = session;
        return session;
    }

    private void restore(SessionProto proto) throws MalformedMessageException, CorruptSnapshotException {
        Session session = sessionOf(proto);
        for (SequencedOutcomeProto outcome : proto.getOutcomesList()) {
            SequencedOutcome decoded = OutcomeCodec.decode(outcome);
            session.putOutcome(decoded.sequence(), decoded.outcome());
        }
        for (NumberedEventProto event : proto.getEventsList()) {
            NumberedEvent decoded = OutcomeCodec.decode(event);
            if (session.addEvent(decoded.event()).number() != decoded.number()) {
                throw new CorruptSnapshotException("the snapshot lacks an event of session " + session.id);
            }
        }
        for (GrantProto grant : proto.getGrantsList()) {
            session.remember(
                    grant.getAcquireSequence(),
                    new GrantRecord(
                            TermCodec.decode(grant.getLockable()),
                            TermCodec.decode(grant.getOwner()),
                            grant.getToken(),
                            grant.getAdded()));
        }
    }

    private LockableEntry entryOf(LockableProto proto) throws MalformedMessageException, CorruptSnapshotException {
        LockableKey lockable = TermCodec.decode(proto.getLockable());
        LockableEntry last = lastLockable;
        if (continues(proto.getFragment(), proto.getMore(), last != null && last.lockable.equals(lockable))
                && last != null) {
            return last;
        }
        LockableEntry entry = state.lockable(lockable);
        entry.restoreCondemnedUpTo(proto.getCondemnedUpTo());
        if (proto.getUnsettled()) {
            state.backlog.add(entry);
        }
        lastLockable = entry;
        return entry;
    }

    private void restore(LockableProto proto) throws MalformedMessageException, CorruptSnapshotException {
        LockableEntry entry = entryOf(proto);
        for (HoldProto hold : proto.getHoldsList()) {
            restore(entry, hold);
        }
        for (WaiterProto waiter : proto.getWaitersList()) {
            restore(entry, waiter);
        }
    }

    private void restore(LockableEntry entry, HoldProto proto) throws CorruptSnapshotException {
        Owner owner = state.owners.shared(TermCodec.decode(proto.getOwner()));
        Hold hold = new Hold(entry, owner, proto.getToken(), proto.getSinceMs(), proto.getCount());
        hold.restore(proto.getJoins(), proto.getUntilReleased());
        holds.add(hold);
        state.deadlines.schedule(hold, proto.getDeadlineMs());
        for (HoldLinkProto link : proto.getLinksList()) {
            hold.link(session(link.getSession()), link.getOrder())
                    .restore(link.getKeepsAlive(), link.getJoins(), link.getKept());
        }
    }

    private void restore(LockableEntry entry, WaiterProto proto)
            throws MalformedMessageException, CorruptSnapshotException {
        Session session = session(proto.getSession());
        Waiter waiter = new Waiter(
                entry,
                session,
                proto.getAcquireSequence(),
                state.owners.shared(TermCodec.decode(proto.getOwner())),
                proto.getPermits(),
                proto.getLimit(),
                proto.getReentrant(),
                new Lease(TermCodec.decode(proto.getLease()), proto.getTtlMs()),
                proto.getSinceMs(),
                proto.getArrival(),
                joint(session, proto),
                proto.getPlace());
        waiters.add(waiter, proto.getDeadlineMs());
    }

    private @Nullable JointWait joint(Session session, WaiterProto proto) throws CorruptSnapshotException {
        int places = proto.getPlaces();
        if (places == 0) {
            return null;
        }
        if (places > Limits.LOCKABLES_PER_ACQUIRE_MAX) {
            throw new CorruptSnapshotException("a waiter in the snapshot has " + places + " places");
        }
        AcquireId id = new AcquireId(session.id, proto.getAcquireSequence());
        JointWait joint = incomplete.computeIfAbsent(id, each -> new JointWait(places));
        if (joint.size() != places || proto.getPlace() < 0 || proto.getPlace() >= places) {
            throw new CorruptSnapshotException("the places of a waiter in the snapshot do not fit together");
        }
        return joint;
    }

    private Session session(SessionIdProto id) throws CorruptSnapshotException {
        Session session = state.sessions.get(TermCodec.decode(id));
        if (session == null) {
            throw new CorruptSnapshotException("the snapshot refers to a session that it does not contain");
        }
        return session;
    }

    private void check(TrailerProto trailer) throws CorruptSnapshotException {
        if (trailer.getSessions() != state.sessions.size() || trailer.getLockables() != state.lockables.size()) {
            throw new CorruptSnapshotException("the snapshot has " + state.sessions.size() + " sessions and "
                    + state.lockables.size() + " lockables, but its trailer says " + trailer.getSessions() + " and "
                    + trailer.getLockables());
        }
        if (trailer.getRules() != state.rules.size() || trailer.getAuditRecords() != auditRecords) {
            throw new CorruptSnapshotException("the snapshot has "
                    + state.rules.size() + " rules and " + auditRecords
                    + " records of the audit, but its trailer says " + trailer.getRules() + " and "
                    + trailer.getAuditRecords());
        }
        if (trailer.getJoinTokens() != state.joins.size()) {
            throw new CorruptSnapshotException("the snapshot has " + state.joins.size()
                    + " join tokens, but its trailer says " + trailer.getJoinTokens());
        }
        if (moreFollows) {
            throw new CorruptSnapshotException("the snapshot lacks the end of a lockable");
        }
        for (JointWait joint : incomplete.values()) {
            if (!joint.isComplete()) {
                throw new CorruptSnapshotException("the snapshot lacks a place of a waiter");
            }
        }
        for (Session session : state.sessions.inOrder()) {
            session.sortLinks();
        }
        trailerSeen = true;
    }
}
