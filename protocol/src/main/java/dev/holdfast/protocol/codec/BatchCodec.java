package dev.holdfast.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.v1.AcquireProto;
import dev.holdfast.protocol.v1.BatchProto;
import dev.holdfast.protocol.v1.CallerProto;
import dev.holdfast.protocol.v1.ExtendProto;
import dev.holdfast.protocol.v1.ReleaseProto;
import dev.holdfast.protocol.v1.SequencedCommandProto;
import dev.holdfast.protocol.v1.SessionBatchProto;
import dev.holdfast.protocol.v1.SystemCommandProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes batches without generated message objects, because every command is written twice and read four
 * times on its way. The bytes are those of {@code BatchProto} and {@code SessionBatchProto}. Rare commands go through
 * {@link CommandCodec}. A field that is not known is an error wherever it is: see {@link KnownFields}.
 */
public final class BatchCodec {
    private static final int BYTES_PER_COMMAND = 96;

    /** The wire type in the lowest bits of a tag. Numbers have 0. */
    private static final int MESSAGE = WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private static final KnownFields SYSTEM_COMMAND = KnownFields.of(SystemCommandProto.getDescriptor());
    private static final KnownFields SEQUENCED_COMMAND = KnownFields.of(SequencedCommandProto.getDescriptor());

    /**
     * Encodes a batch.
     *
     * @param headerBytes how many bytes to leave free in front, for the caller
     */
    public static byte[] encode(Batch batch, int headerBytes) {
        BackwardWriter out = new BackwardWriter(64 + batch.size() * BYTES_PER_COMMAND);
        List<SessionBatch> sessions = batch.sessions();
        for (int i = sessions.size() - 1; i >= 0; i--) {
            int before = out.size();
            write(sessions.get(i), out);
            out.message(BatchProto.SESSIONS_FIELD_NUMBER, before);
        }
        List<SystemCommand> system = batch.system();
        for (int i = system.size() - 1; i >= 0; i--) {
            out.bytes(
                    BatchProto.SYSTEM_FIELD_NUMBER,
                    CommandCodec.encode(system.get(i)).toByteArray());
        }
        return out.toByteArray(headerBytes);
    }

    public static byte[] encode(SessionBatch batch) {
        BackwardWriter out = new BackwardWriter(64 + batch.commands().size() * BYTES_PER_COMMAND);
        write(batch, out);
        return out.toByteArray(0);
    }

    /** Decodes what {@link #encode(Batch, int)} wrote, from the offset to the end. */
    public static Batch decode(byte[] bytes, int offset) throws MalformedMessageException {
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes, offset, bytes.length - offset);
            return readBatch(in);
        } catch (IOException e) {
            throw new MalformedMessageException("not a batch: " + e.getMessage(), e);
        }
    }

    /**
     * Decodes one session's batch.
     *
     * @param commandsMax the most commands that it may have
     * @param commandBytesMax the most bytes that each command may have; if it acquires several lockables, for each of
     *     them
     */
    public static SessionBatch decode(ByteString bytes, int commandsMax, int commandBytesMax)
            throws MalformedMessageException {
        try {
            return readSession(bytes.newCodedInput(), commandsMax, commandBytesMax);
        } catch (IOException e) {
            throw new MalformedMessageException("not a batch: " + e.getMessage(), e);
        }
    }

    private static void write(SessionBatch batch, BackwardWriter out) {
        if (!batch.caller().equals(Caller.NOBODY)) {
            write(batch.caller(), out);
        }
        List<SequencedCommand> commands = batch.commands();
        for (int i = commands.size() - 1; i >= 0; i--) {
            int before = out.size();
            write(commands.get(i), out);
            out.message(SessionBatchProto.COMMANDS_FIELD_NUMBER, before);
        }
        out.int64(SessionBatchProto.EVENTS_ACKNOWLEDGED_FIELD_NUMBER, batch.eventsAcknowledged());
        out.int64(SessionBatchProto.OUTCOMES_ACKNOWLEDGED_FIELD_NUMBER, batch.outcomesAcknowledged());
        WireTerms.write(SessionBatchProto.SESSION_FIELD_NUMBER, batch.session(), out);
    }

    private static void write(Caller caller, BackwardWriter out) {
        int before = out.size();
        out.int64(CallerProto.AT_EPOCH_MS_FIELD_NUMBER, caller.atEpochMs());
        out.string(CallerProto.ADDRESS_FIELD_NUMBER, caller.address());
        out.string(CallerProto.PRINCIPAL_FIELD_NUMBER, caller.principal());
        out.message(SessionBatchProto.CALLER_FIELD_NUMBER, before);
    }

    private static void write(SequencedCommand sequenced, BackwardWriter out) {
        ClientCommand command = sequenced.command();
        int before = out.size();
        if (command instanceof Command.Acquire acquire) {
            write(acquire, out);
            out.message(SequencedCommandProto.ACQUIRE_FIELD_NUMBER, before);
        } else if (command instanceof Command.Release release) {
            out.bool(ReleaseProto.ENDS_WITH_SESSION_FIELD_NUMBER, release.endsWithSession());
            out.int64(ReleaseProto.ACQUIRED_IN_FIELD_NUMBER, release.acquiredIn());
            out.int64(ReleaseProto.PERMITS_FIELD_NUMBER, release.permits());
            out.int64(ReleaseProto.TOKEN_FIELD_NUMBER, release.token());
            writeNames(release.lockable(), release.owner(), out);
            out.message(SequencedCommandProto.RELEASE_FIELD_NUMBER, before);
        } else if (command instanceof Command.Extend extend) {
            out.int64(ExtendProto.TTL_MS_FIELD_NUMBER, extend.ttlMs());
            out.int64(ExtendProto.TOKEN_FIELD_NUMBER, extend.token());
            writeNames(extend.lockable(), extend.owner(), out);
            out.message(SequencedCommandProto.EXTEND_FIELD_NUMBER, before);
        } else {
            out.append(CommandCodec.encode(command).toByteArray());
        }
        out.int64(SequencedCommandProto.SEQUENCE_FIELD_NUMBER, sequenced.sequence());
    }

    private static void write(Command.Acquire acquire, BackwardWriter out) {
        out.int64(AcquireProto.WAIT_MS_FIELD_NUMBER, acquire.waitMs());
        out.int64(AcquireProto.TTL_MS_FIELD_NUMBER, acquire.lease().ttlMs());
        out.int64(
                AcquireProto.LEASE_FIELD_NUMBER,
                TermCodec.encode(acquire.lease().kind()).getNumber());
        out.bool(AcquireProto.REENTRANT_FIELD_NUMBER, acquire.reentrant());
        out.int64(AcquireProto.LIMIT_FIELD_NUMBER, acquire.limit());
        out.int64(AcquireProto.PERMITS_FIELD_NUMBER, acquire.permits());
        writeNames(acquire.lockable(), acquire.owner(), out);
    }

    /** These fields have the same numbers in every command that has them. */
    private static void writeNames(LockableKey lockable, Owner owner, BackwardWriter out) {
        WireTerms.write(AcquireProto.OWNER_FIELD_NUMBER, owner, out);
        WireTerms.write(AcquireProto.LOCKABLE_FIELD_NUMBER, lockable, out);
    }

    private static Batch readBatch(CodedInputStream in) throws IOException, MalformedMessageException {
        List<SystemCommand> system = new ArrayList<>(0);
        List<SessionBatch> sessions = new ArrayList<>(1);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (BatchProto.SYSTEM_FIELD_NUMBER << 3) | MESSAGE -> {
                    byte[] command = in.readByteArray();
                    SYSTEM_COMMAND.check(command);
                    system.add(CommandCodec.decode(SystemCommandProto.parseFrom(command)));
                }
                case (BatchProto.SESSIONS_FIELD_NUMBER << 3) | MESSAGE -> {
                    int limit = in.pushLimit(in.readRawVarint32());
                    sessions.add(readSession(in, Integer.MAX_VALUE, Integer.MAX_VALUE));
                    in.popLimit(limit);
                }
                default -> throw KnownFields.unknown("BatchProto", tag);
            }
        }
        return new Batch(system, sessions);
    }

    private static SessionBatch readSession(CodedInputStream in, int commandsMax, int commandBytesMax)
            throws IOException, MalformedMessageException {
        SessionId session = SessionId.NONE;
        long outcomesAcknowledged = 0;
        long eventsAcknowledged = 0;
        List<SequencedCommand> commands = new ArrayList<>();
        Caller caller = Caller.NOBODY;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (SessionBatchProto.SESSION_FIELD_NUMBER << 3) | MESSAGE -> session = WireTerms.readSession(in);
                case SessionBatchProto.OUTCOMES_ACKNOWLEDGED_FIELD_NUMBER << 3 -> outcomesAcknowledged = in.readInt64();
                case SessionBatchProto.EVENTS_ACKNOWLEDGED_FIELD_NUMBER << 3 -> eventsAcknowledged = in.readInt64();
                case (SessionBatchProto.COMMANDS_FIELD_NUMBER << 3) | MESSAGE -> {
                    if (commands.size() == commandsMax) {
                        throw new MalformedMessageException("more than " + commandsMax + " commands in a batch");
                    }
                    commands.add(readCommand(in, commandBytesMax));
                }
                case (SessionBatchProto.CALLER_FIELD_NUMBER << 3) | MESSAGE -> caller = readCaller(in);
                default -> throw KnownFields.unknown("SessionBatchProto", tag);
            }
        }
        return new SessionBatch(session, outcomesAcknowledged, eventsAcknowledged, commands, caller);
    }

    private static Caller readCaller(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        String principal = "";
        String address = "";
        long atEpochMs = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (CallerProto.PRINCIPAL_FIELD_NUMBER << 3) | MESSAGE -> principal = in.readStringRequireUtf8();
                case (CallerProto.ADDRESS_FIELD_NUMBER << 3) | MESSAGE -> address = in.readStringRequireUtf8();
                case CallerProto.AT_EPOCH_MS_FIELD_NUMBER << 3 -> atEpochMs = in.readInt64();
                default -> throw KnownFields.unknown("CallerProto", tag);
            }
        }
        in.popLimit(outer);
        return new Caller(principal, address, atEpochMs);
    }

    private static SequencedCommand readCommand(CodedInputStream in, int bytesMax)
            throws IOException, MalformedMessageException {
        int bytes = in.readRawVarint32();
        checkSize(bytes, bytesMax, Limits.LOCKABLES_PER_ACQUIRE_MAX);
        int limit = in.pushLimit(bytes);
        long sequence = 0;
        ClientCommand command = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case SequencedCommandProto.SEQUENCE_FIELD_NUMBER << 3 -> sequence = in.readInt64();
                case (SequencedCommandProto.ACQUIRE_FIELD_NUMBER << 3) | MESSAGE -> command = readAcquire(in);
                case (SequencedCommandProto.RELEASE_FIELD_NUMBER << 3) | MESSAGE -> command = readRelease(in);
                case (SequencedCommandProto.EXTEND_FIELD_NUMBER << 3) | MESSAGE -> command = readExtend(in);
                default -> {
                    byte[] rare = WireTerms.field(tag, in);
                    SEQUENCED_COMMAND.check(rare);
                    command = CommandCodec.decode(SequencedCommandProto.parseFrom(rare));
                }
            }
        }
        in.popLimit(limit);
        if (command == null) {
            throw new MalformedMessageException("unknown command");
        }
        int lockables = command instanceof Command.AcquireAll several
                ? several.lockables().size()
                : 1;
        checkSize(bytes, bytesMax, Math.max(1, lockables));
        return new SequencedCommand(sequence, command);
    }

    private static void checkSize(int bytes, int bytesMax, int lockables) throws MalformedMessageException {
        if (bytes > (long) bytesMax * lockables) {
            throw new MalformedMessageException("a command of " + bytes + " bytes; at most " + bytesMax
                    + " are allowed, for each lockable that it names");
        }
    }

    /** The fields that commands share; each command has some of them. */
    private static final class Fields {
        @Nullable
        LockableKey lockable;

        Owner owner = WireTerms.NOBODY;
        long token;
        int permits;

        LockableKey lockable() throws MalformedMessageException {
            if (lockable == null) {
                throw new MalformedMessageException("unknown kind of lockable");
            }
            return lockable;
        }
    }

    private static Command.Acquire readAcquire(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        Fields fields = new Fields();
        int limit = 0;
        boolean reentrant = false;
        int lease = 0;
        long ttlMs = 0;
        long waitMs = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (AcquireProto.LOCKABLE_FIELD_NUMBER << 3) | MESSAGE ->
                    fields.lockable = WireTerms.readLockable(in);
                case (AcquireProto.OWNER_FIELD_NUMBER << 3) | MESSAGE -> fields.owner = WireTerms.readOwner(in);
                case AcquireProto.PERMITS_FIELD_NUMBER << 3 -> fields.permits = in.readInt32();
                case AcquireProto.LIMIT_FIELD_NUMBER << 3 -> limit = in.readInt32();
                case AcquireProto.REENTRANT_FIELD_NUMBER << 3 -> reentrant = in.readBool();
                case AcquireProto.LEASE_FIELD_NUMBER << 3 -> lease = in.readEnum();
                case AcquireProto.TTL_MS_FIELD_NUMBER << 3 -> ttlMs = in.readInt64();
                case AcquireProto.WAIT_MS_FIELD_NUMBER << 3 -> waitMs = in.readInt64();
                default -> throw KnownFields.unknown("AcquireProto", tag);
            }
        }
        in.popLimit(outer);
        return new Command.Acquire(
                fields.lockable(),
                fields.owner,
                fields.permits,
                limit,
                reentrant,
                WireTerms.lease(lease, ttlMs),
                waitMs);
    }

    private static Command.Release readRelease(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        Fields fields = new Fields();
        long acquiredIn = 0;
        boolean endsWithSession = false;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (ReleaseProto.LOCKABLE_FIELD_NUMBER << 3) | MESSAGE ->
                    fields.lockable = WireTerms.readLockable(in);
                case (ReleaseProto.OWNER_FIELD_NUMBER << 3) | MESSAGE -> fields.owner = WireTerms.readOwner(in);
                case ReleaseProto.TOKEN_FIELD_NUMBER << 3 -> fields.token = in.readInt64();
                case ReleaseProto.PERMITS_FIELD_NUMBER << 3 -> fields.permits = in.readInt32();
                case ReleaseProto.ACQUIRED_IN_FIELD_NUMBER << 3 -> acquiredIn = in.readInt64();
                case ReleaseProto.ENDS_WITH_SESSION_FIELD_NUMBER << 3 -> endsWithSession = in.readBool();
                default -> throw KnownFields.unknown("ReleaseProto", tag);
            }
        }
        in.popLimit(outer);
        return new Command.Release(
                fields.lockable(), fields.owner, fields.token, fields.permits, acquiredIn, endsWithSession);
    }

    private static Command.Extend readExtend(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        Fields fields = new Fields();
        long ttlMs = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (ExtendProto.LOCKABLE_FIELD_NUMBER << 3) | MESSAGE -> fields.lockable = WireTerms.readLockable(in);
                case (ExtendProto.OWNER_FIELD_NUMBER << 3) | MESSAGE -> fields.owner = WireTerms.readOwner(in);
                case ExtendProto.TOKEN_FIELD_NUMBER << 3 -> fields.token = in.readInt64();
                case ExtendProto.TTL_MS_FIELD_NUMBER << 3 -> ttlMs = in.readInt64();
                default -> throw KnownFields.unknown("ExtendProto", tag);
            }
        }
        in.popLimit(outer);
        return new Command.Extend(fields.lockable(), fields.owner, fields.token, ttlMs);
    }

    private BatchCodec() {}
}
