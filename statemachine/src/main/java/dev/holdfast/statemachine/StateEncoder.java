package dev.holdfast.statemachine;

import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.codec.OutcomeCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.statemachine.v1.GrantProto;
import dev.holdfast.statemachine.v1.HeaderProto;
import dev.holdfast.statemachine.v1.HoldLinkProto;
import dev.holdfast.statemachine.v1.HoldProto;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.LockablesProto;
import dev.holdfast.statemachine.v1.SessionProto;
import dev.holdfast.statemachine.v1.SessionsProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import dev.holdfast.statemachine.v1.TrailerProto;
import dev.holdfast.statemachine.v1.WaiterProto;
import java.util.List;

/** The canonical encoding of the state: equal states have equal bytes. */
final class StateEncoder {
    static final int FORMAT_VERSION = 1;

    static HeaderProto header(MachineState state) {
        return HeaderProto.newBuilder()
                .setFormatVersion(FORMAT_VERSION)
                .setAppliedIndex(state.appliedIndex)
                .setLogTimeMs(state.logTimeMs)
                .setSemantics(state.semantics)
                .setLastToken(state.lastToken)
                .setLastArrival(state.lastArrival)
                .setLastSession(state.lastSession)
                .build();
    }

    static byte[] headerPiece(MachineState state) {
        return SnapshotPieceProto.newBuilder().setHeader(header(state)).build().toByteArray();
    }

    static byte[] trailerPiece(MachineState state) {
        return SnapshotPieceProto.newBuilder()
                .setTrailer(TrailerProto.newBuilder()
                        .setSessions(state.sessions.size())
                        .setLockables(state.lockables.size()))
                .build()
                .toByteArray();
    }

    static byte[] sessionsPiece(List<Session> sessions) {
        SessionsProto.Builder builder = SessionsProto.newBuilder();
        sessions.forEach(session -> builder.addSessions(encode(session)));
        return SnapshotPieceProto.newBuilder().setSessions(builder).build().toByteArray();
    }

    static byte[] lockablesPiece(List<LockableEntry> entries) {
        LockablesProto.Builder builder = LockablesProto.newBuilder();
        entries.forEach(entry -> builder.addLockables(encode(entry)));
        return SnapshotPieceProto.newBuilder().setLockables(builder).build().toByteArray();
    }

    static SessionProto encode(Session session) {
        SessionProto.Builder builder = SessionProto.newBuilder()
                .setId(TermCodec.encode(session.id))
                .setLeaseMs(session.leaseMs)
                .setHost(session.host)
                .setName(session.name)
                .setSinceMs(session.sinceMs)
                .setOutcomesAcknowledged(session.outcomesAcknowledged())
                .setLastEventNumber(session.lastEventNumber());
        session.forEachOutcome((sequence, outcome) ->
                builder.addOutcomes(OutcomeCodec.encode(new SequencedOutcome(sequence, outcome))));
        session.forEachEvent(event -> builder.addEvents(OutcomeCodec.encode(event)));
        session.sortedGrants()
                .forEach((sequence, last) ->
                        last.inOrder().forEach(grant -> builder.addGrants(encode(sequence, grant))));
        return builder.build();
    }

    private static GrantProto encode(long sequence, GrantRecord grant) {
        return GrantProto.newBuilder()
                .setAcquireSequence(sequence)
                .setLockable(TermCodec.encode(grant.lockable()))
                .setOwner(TermCodec.encode(grant.owner()))
                .setToken(grant.token())
                .setAdded(grant.added())
                .build();
    }

    static LockableProto encode(LockableEntry entry) {
        LockableProto.Builder builder = LockableProto.newBuilder().setLockable(TermCodec.encode(entry.lockable));
        for (Hold hold : entry.holds()) {
            HoldProto.Builder proto = HoldProto.newBuilder()
                    .setOwner(TermCodec.encode(hold.owner))
                    .setToken(hold.token)
                    .setSinceMs(hold.sinceMs)
                    .setCount(hold.count())
                    .setJoins(hold.joins())
                    .setUntilReleased(hold.untilReleased())
                    .setDeadlineMs(hold.deadlineMs());
            for (HoldLink link : hold.sortedLinks()) {
                proto.addLinks(HoldLinkProto.newBuilder()
                        .setSession(TermCodec.encode(link.session.id))
                        .setKeepsAlive(link.keepsAlive())
                        .setJoins(link.joins())
                        .setKept(link.kept()));
            }
            builder.addHolds(proto);
        }
        for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
            builder.addWaiters(encode(waiter));
        }
        return builder.build();
    }

    private static WaiterProto encode(Waiter waiter) {
        WaiterProto.Builder builder = WaiterProto.newBuilder()
                .setSession(TermCodec.encode(waiter.session.id))
                .setAcquireSequence(waiter.acquireSequence)
                .setOwner(TermCodec.encode(waiter.owner))
                .setPermits(waiter.permits)
                .setLimit(waiter.limit)
                .setReentrant(waiter.reentrant)
                .setLease(TermCodec.encode(waiter.lease.kind()))
                .setTtlMs(waiter.lease.ttlMs())
                .setSinceMs(waiter.sinceMs)
                .setArrival(waiter.arrival)
                .setDeadlineMs(waiter.deadlineMs());
        JointWait joint = waiter.joint;
        if (joint != null) {
            builder.setPlace(waiter.place).setPlaces(joint.size());
        }
        return builder.build();
    }

    private StateEncoder() {}
}
