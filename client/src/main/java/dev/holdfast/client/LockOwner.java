package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.protocol.Limits;
import java.io.Serializable;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who holds. Two owners are the same if their types, ids and scopes are equal, no matter on which thread, process or machine
 * they were made. So two threads that act as one owner share its holds. To exclude each other, they acquire without naming an
 * owner, or with a {@link #unique} one each.
 *
 * @param type what kind of owner, such as {@code user}
 * @param id which of them
 * @param within the scope in which the id is unique, such as an organisation; {@code null} if it is unique by itself
 */
public record LockOwner(String type, String id, @Nullable Scope within) implements Serializable {
    /** The longest type or id, in bytes of UTF-8. */
    public static final int NAME_BYTES_MAX = Limits.NAME_BYTES_MAX;

    /** The scope in which an owner's id is unique. */
    public record Scope(String type, String id) implements Serializable {

        /** @throws LockRequestRejectedException if either is empty, too long, or has control characters */
        public Scope {
            Names.checkName("the type of an owner's scope", type);
            Names.checkName("the id of a scope of type '" + type + "'", id);
        }
    }

    /** @throws LockRequestRejectedException if the type or the id is empty, too long, or has control characters */
    public LockOwner {
        Names.checkName("an owner's type", type);
        Names.checkName("the id of an owner of type '" + type + "'", id);
    }

    /** An owner that nobody else is, with a random id. */
    public static LockOwner unique(String type) {
        return new LockOwner(type, UUID.randomUUID().toString(), null);
    }

    public Optional<Scope> scope() {
        return Optional.ofNullable(within);
    }

    /** {@code type:id}, or {@code type:id within scopeType:scopeId}. */
    @Override
    public String toString() {
        String self = type + ":" + id;
        return within == null ? self : self + " within " + within.type + ":" + within.id;
    }
}
