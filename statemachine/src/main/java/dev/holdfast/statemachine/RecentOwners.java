package dev.holdfast.statemachine;

import dev.holdfast.protocol.Owner;
import org.jspecify.annotations.Nullable;

/**
 * Saves memory: every command brings its owner as new objects, which a hold may keep for a long time. If an equal
 * owner, or an owner of the same type, was seen recently, its objects are used instead. Most clients act for few
 * owners, and there are few types.
 */
final class RecentOwners {
    private static final int OWNERS = 1 << 12;
    private static final int TYPES = 1 << 6;

    private final @Nullable Owner[] owners = new Owner[OWNERS];
    private final @Nullable String[] types = new String[TYPES];

    /** Returns an owner equal to that one. */
    Owner shared(Owner owner) {
        int slot = slot(owner.hashCode(), OWNERS);
        Owner seen = owners[slot];
        if (seen != null && seen.equals(owner)) {
            return seen;
        }
        Owner kept = withSharedType(owner);
        owners[slot] = kept;
        return kept;
    }

    private Owner withSharedType(Owner owner) {
        int slot = slot(owner.type().hashCode(), TYPES);
        String seen = types[slot];
        if (seen != null && seen.equals(owner.type())) {
            return new Owner(seen, owner.id(), owner.within());
        }
        types[slot] = owner.type();
        return owner;
    }

    private static int slot(int hash, int slots) {
        int h = hash * 0x9E3779B9;
        return (h ^ (h >>> 16)) & (slots - 1);
    }
}
