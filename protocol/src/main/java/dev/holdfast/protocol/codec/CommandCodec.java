package dev.holdfast.protocol.codec;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.v1.AcquireAllProto;
import dev.holdfast.protocol.v1.CancelAcquireProto;
import dev.holdfast.protocol.v1.DrainProto;
import dev.holdfast.protocol.v1.EmptyProto;
import dev.holdfast.protocol.v1.ExpireInProto;
import dev.holdfast.protocol.v1.ForceReleaseProto;
import dev.holdfast.protocol.v1.LockableKeyProto;
import dev.holdfast.protocol.v1.OfferJoinProto;
import dev.holdfast.protocol.v1.OpenSessionProto;
import dev.holdfast.protocol.v1.OwnHoldProto;
import dev.holdfast.protocol.v1.RecordAuditProto;
import dev.holdfast.protocol.v1.SequencedCommandProto;
import dev.holdfast.protocol.v1.SystemCommandProto;
import dev.holdfast.protocol.v1.UseJoinProto;
import dev.holdfast.protocol.v1.WithdrawJoinProto;
import java.util.ArrayList;
import java.util.List;

/** Encodes and decodes rare commands; {@link BatchCodec} handles the others. */
final class CommandCodec {
    private static final EmptyProto EMPTY = EmptyProto.getDefaultInstance();

    /** Encodes a command, without its sequence. */
    static SequencedCommandProto encode(ClientCommand command) {
        SequencedCommandProto.Builder builder = SequencedCommandProto.newBuilder();
        if (command instanceof Command.CancelAcquire cancel) {
            builder.setCancelAcquire(CancelAcquireProto.newBuilder().setAcquireSequence(cancel.acquireSequence()));
        } else if (command instanceof Command.ForceRelease force) {
            builder.setForceRelease(encode(force.lockable(), force.token()));
        } else if (command instanceof Command.OpenSession open) {
            builder.setOpenSession(OpenSessionProto.newBuilder()
                    .setLeaseMs(open.leaseMs())
                    .setHost(open.host())
                    .setName(open.name()));
        } else if (command instanceof Command.CloseSession) {
            builder.setCloseSession(EMPTY);
        } else if (command instanceof Command.EndSession end) {
            builder.setEndSession(TermCodec.encode(end.session()));
        } else if (command instanceof Command.Acknowledge) {
            builder.setAcknowledge(EMPTY);
        } else if (command instanceof Command.Attach attach) {
            builder.setAttach(encode(attach.lockable(), attach.owner(), attach.token()));
        } else if (command instanceof Command.Leave leave) {
            builder.setLeave(encode(leave.lockable(), leave.owner(), leave.token()));
        } else if (command instanceof Command.ExpireIn expireIn) {
            builder.setExpireIn(ExpireInProto.newBuilder()
                    .setLockable(TermCodec.encode(expireIn.lockable()))
                    .setOwner(TermCodec.encode(expireIn.owner()))
                    .setToken(expireIn.token())
                    .setTtlMs(expireIn.ttlMs())
                    .setAcquiredIn(expireIn.acquiredIn()));
        } else if (command instanceof Command.Drain drain) {
            builder.setDrain(DrainProto.newBuilder()
                    .setLockable(TermCodec.encode(drain.lockable()))
                    .setOwner(TermCodec.encode(drain.owner()))
                    .setLimit(drain.limit())
                    .setLease(TermCodec.encode(drain.lease().kind()))
                    .setTtlMs(drain.lease().ttlMs()));
        } else if (command instanceof Command.RequestRelease request) {
            builder.setRequestRelease(TermCodec.encode(request.lockable()));
        } else if (command instanceof Command.AcquireAll acquire) {
            builder.setAcquireAll(encode(acquire));
        } else if (command instanceof Command.PutRule put) {
            builder.setPutRule(RuleCodec.encode(put.rule()));
        } else if (command instanceof Command.RemoveRule remove) {
            builder.setRemoveRule(RuleCodec.encode(remove.rule()));
        } else {
            throw new IllegalArgumentException("not a rare command: " + command);
        }
        return builder.build();
    }

    static ClientCommand decode(SequencedCommandProto sequenced) throws MalformedMessageException {
        return switch (sequenced.getCommandCase()) {
            case CANCEL_ACQUIRE ->
                new Command.CancelAcquire(sequenced.getCancelAcquire().getAcquireSequence());
            case FORCE_RELEASE ->
                new Command.ForceRelease(
                        TermCodec.decode(sequenced.getForceRelease().getLockable()),
                        sequenced.getForceRelease().getToken());
            case OPEN_SESSION ->
                new Command.OpenSession(
                        sequenced.getOpenSession().getLeaseMs(),
                        sequenced.getOpenSession().getHost(),
                        sequenced.getOpenSession().getName());
            case CLOSE_SESSION -> new Command.CloseSession();
            case END_SESSION -> new Command.EndSession(TermCodec.decode(sequenced.getEndSession()));
            case ACKNOWLEDGE -> new Command.Acknowledge();
            case ATTACH ->
                new Command.Attach(
                        TermCodec.decode(sequenced.getAttach().getLockable()),
                        TermCodec.decode(sequenced.getAttach().getOwner()),
                        sequenced.getAttach().getToken());
            case LEAVE ->
                new Command.Leave(
                        TermCodec.decode(sequenced.getLeave().getLockable()),
                        TermCodec.decode(sequenced.getLeave().getOwner()),
                        sequenced.getLeave().getToken());
            case EXPIRE_IN ->
                new Command.ExpireIn(
                        TermCodec.decode(sequenced.getExpireIn().getLockable()),
                        TermCodec.decode(sequenced.getExpireIn().getOwner()),
                        sequenced.getExpireIn().getToken(),
                        sequenced.getExpireIn().getTtlMs(),
                        sequenced.getExpireIn().getAcquiredIn());
            case DRAIN ->
                new Command.Drain(
                        TermCodec.decode(sequenced.getDrain().getLockable()),
                        TermCodec.decode(sequenced.getDrain().getOwner()),
                        sequenced.getDrain().getLimit(),
                        new Lease(
                                TermCodec.decode(sequenced.getDrain().getLease()),
                                sequenced.getDrain().getTtlMs()));
            case REQUEST_RELEASE -> new Command.RequestRelease(TermCodec.decode(sequenced.getRequestRelease()));
            case ACQUIRE_ALL -> decode(sequenced.getAcquireAll());
            case PUT_RULE -> new Command.PutRule(RuleCodec.decode(sequenced.getPutRule()));
            case REMOVE_RULE -> new Command.RemoveRule(RuleCodec.decode(sequenced.getRemoveRule()));
            case ACQUIRE, RELEASE, EXTEND, COMMAND_NOT_SET -> throw new MalformedMessageException("unknown command");
        };
    }

    private static AcquireAllProto encode(Command.AcquireAll acquire) {
        AcquireAllProto.Builder builder = AcquireAllProto.newBuilder()
                .setOwner(TermCodec.encode(acquire.owner()))
                .setReentrant(acquire.reentrant())
                .setLease(TermCodec.encode(acquire.lease().kind()))
                .setTtlMs(acquire.lease().ttlMs())
                .setWaitMs(acquire.waitMs());
        acquire.lockables().forEach(lockable -> builder.addLockables(TermCodec.encode(lockable)));
        return builder.build();
    }

    private static Command.AcquireAll decode(AcquireAllProto acquire) throws MalformedMessageException {
        List<LockableKey> lockables = new ArrayList<>(acquire.getLockablesCount());
        for (LockableKeyProto lockable : acquire.getLockablesList()) {
            lockables.add(TermCodec.decode(lockable));
        }
        return new Command.AcquireAll(
                lockables,
                TermCodec.decode(acquire.getOwner()),
                acquire.getReentrant(),
                TermCodec.decodeLease(acquire.getLease(), acquire.getTtlMs()),
                acquire.getWaitMs());
    }

    private static OwnHoldProto encode(LockableKey lockable, Owner owner, long token) {
        return OwnHoldProto.newBuilder()
                .setLockable(TermCodec.encode(lockable))
                .setOwner(TermCodec.encode(owner))
                .setToken(token)
                .build();
    }

    private static ForceReleaseProto encode(LockableKey lockable, long token) {
        return ForceReleaseProto.newBuilder()
                .setLockable(TermCodec.encode(lockable))
                .setToken(token)
                .build();
    }

    static SystemCommandProto encode(SystemCommand command) {
        SystemCommandProto.Builder builder = SystemCommandProto.newBuilder();
        if (command instanceof Command.ExpireSession expire) {
            builder.setExpireSession(TermCodec.encode(expire.session()));
        } else if (command instanceof Command.Activate activate) {
            builder.setActivate(activate.semantics());
        } else if (command instanceof Command.BoundState bound) {
            builder.setBoundState(bound.bytesMax());
        } else if (command instanceof Command.ExpireHold expire) {
            builder.setExpireHold(encode(expire.lockable(), expire.token()));
        } else if (command instanceof Command.OfferJoin offer) {
            builder.setOfferJoin(OfferJoinProto.newBuilder()
                    .setTokenHash(offer.tokenHash())
                    .setName(offer.name())
                    .setExpiresAtMs(offer.expiresAtMs())
                    .setMaker(RuleCodec.encode(offer.maker())));
        } else if (command instanceof Command.UseJoin use) {
            builder.setUseJoin(UseJoinProto.newBuilder()
                    .setTokenHash(use.tokenHash())
                    .setName(use.name())
                    .setIncarnation(use.incarnation()));
        } else if (command instanceof Command.EndJoin end) {
            builder.setEndJoin(end.tokenHash());
        } else if (command instanceof Command.WithdrawJoin withdraw) {
            builder.setWithdrawJoin(WithdrawJoinProto.newBuilder()
                    .setTokenHash(withdraw.tokenHash())
                    .setCaller(RuleCodec.encode(withdraw.caller())));
        } else if (command instanceof Command.RecordAudit record) {
            builder.setRecordAudit(RecordAuditProto.newBuilder()
                    .setCaller(RuleCodec.encode(record.caller()))
                    .setAction(record.action())
                    .setTarget(record.target())
                    .setDetail(record.detail()));
        } else {
            builder.setTick(EMPTY);
        }
        return builder.build();
    }

    static SystemCommand decode(SystemCommandProto command) throws MalformedMessageException {
        return switch (command.getCommandCase()) {
            case TICK -> new Command.Tick();
            case EXPIRE_SESSION -> new Command.ExpireSession(TermCodec.decode(command.getExpireSession()));
            case EXPIRE_HOLD ->
                new Command.ExpireHold(
                        TermCodec.decode(command.getExpireHold().getLockable()),
                        command.getExpireHold().getToken());
            case ACTIVATE -> new Command.Activate(command.getActivate());
            case BOUND_STATE -> new Command.BoundState(command.getBoundState());
            case OFFER_JOIN ->
                new Command.OfferJoin(
                        command.getOfferJoin().getTokenHash(),
                        command.getOfferJoin().getName(),
                        command.getOfferJoin().getExpiresAtMs(),
                        RuleCodec.decode(command.getOfferJoin().getMaker()));
            case USE_JOIN ->
                new Command.UseJoin(
                        command.getUseJoin().getTokenHash(),
                        command.getUseJoin().getName(),
                        command.getUseJoin().getIncarnation());
            case END_JOIN -> new Command.EndJoin(command.getEndJoin());
            case WITHDRAW_JOIN ->
                new Command.WithdrawJoin(
                        command.getWithdrawJoin().getTokenHash(),
                        RuleCodec.decode(command.getWithdrawJoin().getCaller()));
            case RECORD_AUDIT ->
                new Command.RecordAudit(
                        RuleCodec.decode(command.getRecordAudit().getCaller()),
                        command.getRecordAudit().getAction(),
                        command.getRecordAudit().getTarget(),
                        command.getRecordAudit().getDetail());
            case COMMAND_NOT_SET -> throw new MalformedMessageException("unknown system command");
        };
    }

    private CommandCodec() {}
}
