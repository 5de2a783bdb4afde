package dev.holdfast.statemachine;

import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.codec.RuleCodec;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.statemachine.v1.GrantProto;
import dev.holdfast.statemachine.v1.HeaderProto;
import dev.holdfast.statemachine.v1.HoldLinkProto;
import dev.holdfast.statemachine.v1.HoldProto;
import dev.holdfast.statemachine.v1.JoinTokenProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import dev.holdfast.statemachine.v1.TrailerProto;
import dev.holdfast.statemachine.v1.WaiterProto;

/** The canonical encoding of the state: equal states have equal bytes. */
final class StateEncoder {
    static final int FORMAT_VERSION = ProtocolVersion.SNAPSHOT;

    static HeaderProto header(MachineState state) {
        return HeaderProto.newBuilder()
                .setFormatVersion(FORMAT_VERSION)
                .setAppliedIndex(state.appliedIndex)
                .setLogTimeMs(state.logTimeMs)
                .setSemantics(state.semantics)
                .setLastToken(state.lastToken)
                .setLastArrival(state.lastArrival)
                .setLastSession(state.lastSession)
                .setLastLink(state.lastLink)
                .setBytesMax(state.bytesMax)
                .build();
    }

    static byte[] headerPiece(MachineState state) {
        return SnapshotPieceProto.newBuilder().setHeader(header(state)).build().toByteArray();
    }

    static byte[] trailerPiece(MachineState state) {
        return SnapshotPieceProto.newBuilder()
                .setTrailer(TrailerProto.newBuilder()
                        .setSessions(state.sessions.size())
                        .setLockables(state.lockables.size())
                        .setRules(state.rules.size())
                        .setAuditRecords(state.audit.size())
                        .setJoinTokens(state.joins.size()))
                .build()
                .toByteArray();
    }

    static JoinTokenProto encode(JoinToken token) {
        return JoinTokenProto.newBuilder()
                .setHash(token.hash())
                .setName(token.name())
                .setExpiresAtMs(token.expiresAtMs())
                .setUserName(token.userName())
                .setUserIncarnation(token.userIncarnation())
                .setEnded(token.ended())
                .setWithdrawn(token.withdrawn())
                .setMaker(RuleCodec.encode(token.maker()))
                .build();
    }

    static GrantProto encode(long sequence, GrantRecord grant) {
        return GrantProto.newBuilder()
                .setAcquireSequence(sequence)
                .setLockable(TermCodec.encode(grant.lockable()))
                .setOwner(TermCodec.encode(grant.owner()))
                .setToken(grant.token())
                .setAdded(grant.added())
                .build();
    }

    static HoldProto encode(HoldImage hold) {
        HoldProto.Builder proto = HoldProto.newBuilder()
                .setOwner(TermCodec.encode(hold.owner()))
                .setToken(hold.token())
                .setSinceMs(hold.sinceMs())
                .setCount(hold.count())
                .setJoins(hold.joins())
                .setUntilReleased(hold.untilReleased())
                .setDeadlineMs(hold.deadlineMs());
        for (HoldImage.Link link : hold.links()) {
            proto.addLinks(HoldLinkProto.newBuilder()
                    .setSession(TermCodec.encode(link.session()))
                    .setKeepsAlive(link.keepsAlive())
                    .setJoins(link.joins())
                    .setKept(link.kept())
                    .setOrder(link.order()));
        }
        return proto.build();
    }

    static WaiterProto encode(Waiter waiter) {
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
