package dev.holdfast.protocol.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.v1.LeaseKindProto;
import dev.holdfast.protocol.v1.LockableKeyProto;
import dev.holdfast.protocol.v1.LockableKindProto;
import dev.holdfast.protocol.v1.OwnerProto;
import dev.holdfast.protocol.v1.SessionIdProto;
import java.io.IOException;

/** Reads and writes the terms that messages are made of, without generated message objects. */
final class WireTerms {
    static final Owner NOBODY = Owner.of("", "");

    private static final int MESSAGE = WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int FIXED64 = WireFormat.WIRETYPE_FIXED64;

    static void write(int field, SessionId id, BackwardWriter out) {
        int before = out.size();
        out.fixed64(SessionIdProto.LOW_FIELD_NUMBER, id.low());
        out.fixed64(SessionIdProto.HIGH_FIELD_NUMBER, id.high());
        out.message(field, before);
    }

    static SessionId readSession(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        long high = 0;
        long low = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (SessionIdProto.HIGH_FIELD_NUMBER << 3) | FIXED64 -> high = in.readFixed64();
                case (SessionIdProto.LOW_FIELD_NUMBER << 3) | FIXED64 -> low = in.readFixed64();
                default -> throw KnownFields.unknown("SessionIdProto", tag);
            }
        }
        in.popLimit(outer);
        return new SessionId(high, low);
    }

    static void write(int field, LockableKey lockable, BackwardWriter out) {
        int before = out.size();
        out.string(LockableKeyProto.KEY_FIELD_NUMBER, lockable.key());
        out.int64(
                LockableKeyProto.KIND_FIELD_NUMBER,
                TermCodec.encode(lockable.kind()).getNumber());
        out.message(field, before);
    }

    static LockableKey readLockable(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        int kind = 0;
        String key = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case LockableKeyProto.KIND_FIELD_NUMBER << 3 -> kind = in.readEnum();
                case (LockableKeyProto.KEY_FIELD_NUMBER << 3) | MESSAGE -> key = in.readStringRequireUtf8();
                default -> throw KnownFields.unknown("LockableKeyProto", tag);
            }
        }
        in.popLimit(outer);
        return new LockableKey(kind(kind), key);
    }

    private static LockableKind kind(int number) throws MalformedMessageException {
        LockableKindProto kind = LockableKindProto.forNumber(number);
        return TermCodec.decode(kind == null ? LockableKindProto.UNRECOGNIZED : kind);
    }

    static void write(int field, Owner owner, BackwardWriter out) {
        int before = out.size();
        Owner.Scope within = owner.within();
        if (within != null) {
            out.string(OwnerProto.WITHIN_ID_FIELD_NUMBER, within.id());
            out.string(OwnerProto.WITHIN_TYPE_FIELD_NUMBER, within.type());
        }
        out.string(OwnerProto.ID_FIELD_NUMBER, owner.id());
        out.string(OwnerProto.TYPE_FIELD_NUMBER, owner.type());
        out.message(field, before);
    }

    static Owner readOwner(CodedInputStream in) throws IOException, MalformedMessageException {
        int outer = in.pushLimit(in.readRawVarint32());
        String type = "";
        String id = "";
        String withinType = "";
        String withinId = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case (OwnerProto.TYPE_FIELD_NUMBER << 3) | MESSAGE -> type = in.readStringRequireUtf8();
                case (OwnerProto.ID_FIELD_NUMBER << 3) | MESSAGE -> id = in.readStringRequireUtf8();
                case (OwnerProto.WITHIN_TYPE_FIELD_NUMBER << 3) | MESSAGE -> withinType = in.readStringRequireUtf8();
                case (OwnerProto.WITHIN_ID_FIELD_NUMBER << 3) | MESSAGE -> withinId = in.readStringRequireUtf8();
                default -> throw KnownFields.unknown("OwnerProto", tag);
            }
        }
        in.popLimit(outer);
        boolean scoped = !withinType.isEmpty() || !withinId.isEmpty();
        return new Owner(type, id, scoped ? new Owner.Scope(withinType, withinId) : null);
    }

    static Lease lease(int kind, long ttlMs) throws MalformedMessageException {
        LeaseKindProto proto = LeaseKindProto.forNumber(kind);
        LeaseKind known = TermCodec.decode(proto == null ? LeaseKindProto.UNRECOGNIZED : proto);
        if (known == LeaseKind.SESSION && ttlMs == 0) {
            return Lease.SESSION;
        }
        return new Lease(known, ttlMs);
    }

    /** Reads the field with that tag and returns it, tag and all, as an encoded message. */
    static byte[] field(int tag, CodedInputStream in) throws IOException {
        UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();
        fields.mergeFieldFrom(tag, in);
        return fields.build().toByteArray();
    }

    private WireTerms() {}
}
