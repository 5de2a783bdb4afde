package dev.holdfast.protocol;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who holds: a type and an id, optionally within a scope such as the organisation of a user. */
public record Owner(String type, String id, @Nullable Scope within) {
    /** What an owner is within. */
    public record Scope(String type, String id) {}

    public static Owner of(String type, String id) {
        return new Owner(type, id, null);
    }

    // Written by hand, as is equals, for the reason given in LockableKey.
    @Override
    public int hashCode() {
        return 31 * id.hashCode() + type.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Owner that
                && id.equals(that.id)
                && type.equals(that.type)
                && Objects.equals(within, that.within);
    }

    /** {@code type:id}, or {@code type:id within scopeType:scopeId}. */
    @Override
    public String toString() {
        return within == null ? type + ":" + id : type + ":" + id + " within " + within.type + ":" + within.id;
    }
}
