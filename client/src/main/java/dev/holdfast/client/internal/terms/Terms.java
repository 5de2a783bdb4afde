package dev.holdfast.client.internal.terms;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Owner;

/** Translates between what users write and what the protocol carries, so that no public type has to know the protocol. */
public final class Terms {
    public static Owner owner(LockOwner owner) {
        LockOwner.Scope within = owner.within();
        return new Owner(owner.type(), owner.id(), within == null ? null : new Owner.Scope(within.type(), within.id()));
    }

    public static LockOwner owner(Owner owner) {
        Owner.Scope within = owner.within();
        return new LockOwner(
                owner.type(), owner.id(), within == null ? null : new LockOwner.Scope(within.type(), within.id()));
    }

    public static Lease lease(AcquireOptions options) {
        return switch (options.lease()) {
            case SESSION -> Lease.SESSION;
            case TTL -> Lease.ttl(options.ttl().orElseThrow().toMillis());
            case UNTIL_RELEASED -> Lease.UNTIL_RELEASED;
        };
    }

    public static LeaseKind lease(dev.holdfast.protocol.LeaseKind kind) {
        return switch (kind) {
            case SESSION -> LeaseKind.SESSION;
            case TTL -> LeaseKind.TTL;
            case UNTIL_RELEASED -> LeaseKind.UNTIL_RELEASED;
        };
    }

    public static LockableKind kind(dev.holdfast.protocol.LockableKind kind) {
        return switch (kind) {
            case MUTEX -> LockableKind.MUTEX;
            case SEMAPHORE -> LockableKind.SEMAPHORE;
        };
    }

    private Terms() {}
}
