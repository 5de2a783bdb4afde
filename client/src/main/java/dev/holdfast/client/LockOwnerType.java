package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import org.jspecify.annotations.Nullable;

/** A kind of owner: {@code user}, {@code worker}. Creates the {@link LockOwner}s of that kind. Immutable. */
public final class LockOwnerType {
    private final String type;
    private final @Nullable String within;

    LockOwnerType(String type, @Nullable String within) {
        this.type = Names.checkName("an owner's type", type);
        this.within = within;
    }

    /**
     * The same kind of owner, each within something of that type, such as a user within an organisation.
     *
     * @throws LockRequestRejectedException if the type is empty, too long, or has control characters
     */
    public LockOwnerType within(String scopeType) {
        return new LockOwnerType(type, Names.checkName("the type of an owner's scope", scopeType));
    }

    public String type() {
        return type;
    }

    /**
     * The owner with that id.
     *
     * @throws LockRequestRejectedException if the id is {@code null}, empty, too long, or has control characters; or if
     *     owners of this type are within something
     */
    public LockOwner of(@Nullable String id) {
        if (within != null) {
            throw Names.invalid("owners of type '" + type + "' are within a '" + within + "', whose id is missing");
        }
        return new LockOwner(type, checkId(id), null);
    }

    /**
     * The owner with that id, within the scope with that id.
     *
     * @throws LockRequestRejectedException if an id is {@code null}, empty, too long, or has control characters; or if
     *     owners of this type are not within anything
     */
    public LockOwner of(@Nullable String scopeId, @Nullable String id) {
        String scopeType = within;
        if (scopeType == null) {
            throw Names.invalid("owners of type '" + type + "' are not within anything; give one id only");
        }
        String checked = Names.checkName("the id of a scope of type '" + scopeType + "'", scopeId);
        return new LockOwner(type, checkId(id), new LockOwner.Scope(scopeType, checked));
    }

    private String checkId(@Nullable String id) {
        return Names.checkName("the id of an owner of type '" + type + "'", id);
    }
}
