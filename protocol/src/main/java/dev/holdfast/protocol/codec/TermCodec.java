package dev.holdfast.protocol.codec;

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

/** Encodes and decodes the terms that messages are made of. */
public final class TermCodec {

    public static SessionIdProto encode(SessionId id) {
        return SessionIdProto.newBuilder().setHigh(id.high()).setLow(id.low()).build();
    }

    public static SessionId decode(SessionIdProto id) {
        return new SessionId(id.getHigh(), id.getLow());
    }

    public static LockableKeyProto encode(LockableKey lockable) {
        return LockableKeyProto.newBuilder()
                .setKind(encode(lockable.kind()))
                .setKey(lockable.key())
                .build();
    }

    public static LockableKey decode(LockableKeyProto lockable) throws MalformedMessageException {
        return new LockableKey(decode(lockable.getKind()), lockable.getKey());
    }

    public static LockableKindProto encode(LockableKind kind) {
        return switch (kind) {
            case MUTEX -> LockableKindProto.LOCKABLE_KIND_MUTEX;
            case SEMAPHORE -> LockableKindProto.LOCKABLE_KIND_SEMAPHORE;
        };
    }

    public static LockableKind decode(LockableKindProto kind) throws MalformedMessageException {
        return switch (kind) {
            case LOCKABLE_KIND_MUTEX -> LockableKind.MUTEX;
            case LOCKABLE_KIND_SEMAPHORE -> LockableKind.SEMAPHORE;
            case LOCKABLE_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new MalformedMessageException("unknown kind of lockable");
        };
    }

    public static OwnerProto encode(Owner owner) {
        OwnerProto.Builder builder =
                OwnerProto.newBuilder().setType(owner.type()).setId(owner.id());
        Owner.Scope within = owner.within();
        if (within != null) {
            builder.setWithinType(within.type()).setWithinId(within.id());
        }
        return builder.build();
    }

    public static Owner decode(OwnerProto owner) {
        boolean scoped =
                !owner.getWithinType().isEmpty() || !owner.getWithinId().isEmpty();
        return new Owner(
                owner.getType(),
                owner.getId(),
                scoped ? new Owner.Scope(owner.getWithinType(), owner.getWithinId()) : null);
    }

    public static LeaseKindProto encode(LeaseKind kind) {
        return switch (kind) {
            case SESSION -> LeaseKindProto.LEASE_KIND_SESSION;
            case TTL -> LeaseKindProto.LEASE_KIND_TTL;
            case UNTIL_RELEASED -> LeaseKindProto.LEASE_KIND_UNTIL_RELEASED;
        };
    }

    public static LeaseKind decode(LeaseKindProto kind) throws MalformedMessageException {
        return switch (kind) {
            case LEASE_KIND_SESSION -> LeaseKind.SESSION;
            case LEASE_KIND_TTL -> LeaseKind.TTL;
            case LEASE_KIND_UNTIL_RELEASED -> LeaseKind.UNTIL_RELEASED;
            case LEASE_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new MalformedMessageException("unknown kind of lease");
        };
    }

    static Lease decodeLease(LeaseKindProto kind, long ttlMs) throws MalformedMessageException {
        return new Lease(decode(kind), ttlMs);
    }

    private TermCodec() {}
}
