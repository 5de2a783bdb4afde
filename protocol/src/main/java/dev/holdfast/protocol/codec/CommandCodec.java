package dev.holdfast.protocol.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.v1.AcquireProto;
import dev.holdfast.protocol.v1.BatchProto;
import dev.holdfast.protocol.v1.CancelAcquireProto;
import dev.holdfast.protocol.v1.EmptyProto;
import dev.holdfast.protocol.v1.ExtendProto;
import dev.holdfast.protocol.v1.ForceReleaseProto;
import dev.holdfast.protocol.v1.OpenSessionProto;
import dev.holdfast.protocol.v1.ReleaseProto;
import dev.holdfast.protocol.v1.SequencedCommandProto;
import dev.holdfast.protocol.v1.SessionBatchProto;
import dev.holdfast.protocol.v1.SystemCommandProto;
import java.util.ArrayList;
import java.util.List;

/** Commands and batches. */
public final class CommandCodec {
    private static final EmptyProto EMPTY = EmptyProto.getDefaultInstance();

    public static BatchProto encode(Batch batch) {
        BatchProto.Builder builder = BatchProto.newBuilder();
        for (SystemCommand command : batch.system()) {
            builder.addSystem(encode(command));
        }
        for (SessionBatch session : batch.sessions()) {
            builder.addSessions(encode(session));
        }
        return builder.build();
    }

    /** Reads a batch from bytes. */
    public static Batch decodeBatch(com.google.protobuf.ByteString bytes) throws MalformedMessageException {
        try {
            return decode(BatchProto.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedMessageException("not a batch: " + e.getMessage(), e);
        }
    }

    public static Batch decode(BatchProto batch) throws MalformedMessageException {
        List<SystemCommand> system = new ArrayList<>(batch.getSystemCount());
        for (SystemCommandProto command : batch.getSystemList()) {
            system.add(decode(command));
        }
        List<SessionBatch> sessions = new ArrayList<>(batch.getSessionsCount());
        for (SessionBatchProto session : batch.getSessionsList()) {
            sessions.add(decode(session));
        }
        return new Batch(system, sessions);
    }

    public static SessionBatchProto encode(SessionBatch batch) {
        SessionBatchProto.Builder builder = SessionBatchProto.newBuilder()
                .setSession(TermCodec.encode(batch.session()))
                .setOutcomesAcknowledged(batch.outcomesAcknowledged())
                .setEventsAcknowledged(batch.eventsAcknowledged());
        for (SequencedCommand command : batch.commands()) {
            builder.addCommands(encode(command));
        }
        return builder.build();
    }

    public static SessionBatch decode(SessionBatchProto batch) throws MalformedMessageException {
        List<SequencedCommand> commands = new ArrayList<>(batch.getCommandsCount());
        for (SequencedCommandProto command : batch.getCommandsList()) {
            commands.add(new SequencedCommand(command.getSequence(), decode(command)));
        }
        return new SessionBatch(
                TermCodec.decode(batch.getSession()),
                batch.getOutcomesAcknowledged(),
                batch.getEventsAcknowledged(),
                commands);
    }

    private static SequencedCommandProto encode(SequencedCommand sequenced) {
        SequencedCommandProto.Builder builder =
                SequencedCommandProto.newBuilder().setSequence(sequenced.sequence());
        ClientCommand command = sequenced.command();
        if (command instanceof Command.Acquire acquire) {
            builder.setAcquire(encode(acquire));
        } else if (command instanceof Command.Release release) {
            builder.setRelease(encode(release));
        } else if (command instanceof Command.Extend extend) {
            builder.setExtend(encode(extend));
        } else if (command instanceof Command.CancelAcquire cancel) {
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
        } else if (command instanceof Command.Acknowledge) {
            builder.setAcknowledge(EMPTY);
        }
        return builder.build();
    }

    private static ClientCommand decode(SequencedCommandProto sequenced) throws MalformedMessageException {
        return switch (sequenced.getCommandCase()) {
            case ACQUIRE -> decode(sequenced.getAcquire());
            case RELEASE -> decode(sequenced.getRelease());
            case EXTEND -> decode(sequenced.getExtend());
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
            case ACKNOWLEDGE -> new Command.Acknowledge();
            case COMMAND_NOT_SET -> throw new MalformedMessageException("unknown command");
        };
    }

    private static AcquireProto encode(Command.Acquire acquire) {
        return AcquireProto.newBuilder()
                .setLockable(TermCodec.encode(acquire.lockable()))
                .setOwner(TermCodec.encode(acquire.owner()))
                .setPermits(acquire.permits())
                .setLimit(acquire.limit())
                .setReentrant(acquire.reentrant())
                .setLease(TermCodec.encode(acquire.lease().kind()))
                .setTtlMs(acquire.lease().ttlMs())
                .setWaitMs(acquire.waitMs())
                .build();
    }

    private static Command.Acquire decode(AcquireProto acquire) throws MalformedMessageException {
        return new Command.Acquire(
                TermCodec.decode(acquire.getLockable()),
                TermCodec.decode(acquire.getOwner()),
                acquire.getPermits(),
                acquire.getLimit(),
                acquire.getReentrant(),
                TermCodec.decodeLease(acquire.getLease(), acquire.getTtlMs()),
                acquire.getWaitMs());
    }

    private static ReleaseProto encode(Command.Release release) {
        return ReleaseProto.newBuilder()
                .setLockable(TermCodec.encode(release.lockable()))
                .setOwner(TermCodec.encode(release.owner()))
                .setToken(release.token())
                .setPermits(release.permits())
                .build();
    }

    private static Command.Release decode(ReleaseProto release) throws MalformedMessageException {
        return new Command.Release(
                TermCodec.decode(release.getLockable()),
                TermCodec.decode(release.getOwner()),
                release.getToken(),
                release.getPermits());
    }

    private static ExtendProto encode(Command.Extend extend) {
        return ExtendProto.newBuilder()
                .setLockable(TermCodec.encode(extend.lockable()))
                .setOwner(TermCodec.encode(extend.owner()))
                .setToken(extend.token())
                .setTtlMs(extend.ttlMs())
                .build();
    }

    private static Command.Extend decode(ExtendProto extend) throws MalformedMessageException {
        return new Command.Extend(
                TermCodec.decode(extend.getLockable()),
                TermCodec.decode(extend.getOwner()),
                extend.getToken(),
                extend.getTtlMs());
    }

    private static ForceReleaseProto encode(LockableKey lockable, long token) {
        return ForceReleaseProto.newBuilder()
                .setLockable(TermCodec.encode(lockable))
                .setToken(token)
                .build();
    }

    private static SystemCommandProto encode(SystemCommand command) {
        SystemCommandProto.Builder builder = SystemCommandProto.newBuilder();
        if (command instanceof Command.ExpireSession expire) {
            builder.setExpireSession(TermCodec.encode(expire.session()));
        } else if (command instanceof Command.Activate activate) {
            builder.setActivate(activate.semantics());
        } else if (command instanceof Command.ExpireHold expire) {
            builder.setExpireHold(encode(expire.lockable(), expire.token()));
        } else {
            builder.setTick(EMPTY);
        }
        return builder.build();
    }

    private static SystemCommand decode(SystemCommandProto command) throws MalformedMessageException {
        return switch (command.getCommandCase()) {
            case TICK -> new Command.Tick();
            case EXPIRE_SESSION -> new Command.ExpireSession(TermCodec.decode(command.getExpireSession()));
            case EXPIRE_HOLD ->
                new Command.ExpireHold(
                        TermCodec.decode(command.getExpireHold().getLockable()),
                        command.getExpireHold().getToken());
            case ACTIVATE -> new Command.Activate(command.getActivate());
            case COMMAND_NOT_SET -> throw new MalformedMessageException("unknown system command");
        };
    }

    private CommandCodec() {}
}
