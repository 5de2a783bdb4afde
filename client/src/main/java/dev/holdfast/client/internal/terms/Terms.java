package dev.holdfast.client.internal.terms;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.info.ChangeKind;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;

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

    public static ChangeKind change(dev.holdfast.protocol.ChangeKind kind) {
        return switch (kind) {
            case GRANTED -> ChangeKind.GRANTED;
            case GRANTED_AGAIN -> ChangeKind.GRANTED_AGAIN;
            case QUEUED -> ChangeKind.QUEUED;
            case WAIT_TIMED_OUT -> ChangeKind.WAIT_TIMED_OUT;
            case WAIT_CANCELLED -> ChangeKind.WAIT_CANCELLED;
            case WAIT_ENDED_WITH_SESSION -> ChangeKind.WAIT_ENDED_WITH_SESSION;
            case RELEASED -> ChangeKind.RELEASED;
            case EXPIRED -> ChangeKind.EXPIRED;
            case FORCE_RELEASED -> ChangeKind.FORCE_RELEASED;
            case ENDED_WITH_SESSION -> ChangeKind.ENDED_WITH_SESSION;
        };
    }

    public static Rule rule(AccessRule rule) {
        return new Rule(
                rule.subject(),
                switch (rule.role()) {
                    case READ -> Role.READ;
                    case LOCK -> Role.LOCK;
                    case FORCE -> Role.FORCE;
                    case ADMIN -> Role.ADMIN;
                },
                rule.keyPrefix(),
                switch (rule.binding()) {
                    case ANY -> OwnerBinding.ANY;
                    case OWNER -> OwnerBinding.OWNER;
                    case WITHIN -> OwnerBinding.WITHIN;
                });
    }

    public static AccessRule rule(Rule rule) {
        return new AccessRule(
                rule.subject(),
                switch (rule.role()) {
                    case READ -> AccessRule.Role.READ;
                    case LOCK -> AccessRule.Role.LOCK;
                    case FORCE -> AccessRule.Role.FORCE;
                    case ADMIN -> AccessRule.Role.ADMIN;
                },
                rule.keyPrefix(),
                switch (rule.binding()) {
                    case ANY -> AccessRule.Binding.ANY;
                    case OWNER -> AccessRule.Binding.OWNER;
                    case WITHIN -> AccessRule.Binding.WITHIN;
                });
    }

    private Terms() {}
}
