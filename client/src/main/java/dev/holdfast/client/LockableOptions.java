package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.protocol.Limits;
import org.jspecify.annotations.Nullable;

/** How a {@link LockableDefinition} makes keys. Immutable. */
@CheckReturnValue
public final class LockableOptions {
    private final boolean plural;
    private final @Nullable String prefix;

    private LockableOptions(boolean plural, @Nullable String prefix) {
        this.plural = plural;
        this.prefix = prefix;
    }

    /** There is one of it, and it takes no parameters. */
    public static LockableOptions singular() {
        return new LockableOptions(false, null);
    }

    /** There are many, told apart by parameters. */
    public static LockableOptions plural() {
        return new LockableOptions(true, null);
    }

    /**
     * The same with a first part for every key, such as the name of the application.
     *
     * @throws LockRequestRejectedException if it is empty, too long, or has control characters
     */
    public LockableOptions prefix(String prefix) {
        return new LockableOptions(plural, Names.check("a prefix", prefix, Limits.KEY_BYTES_MAX));
    }

    boolean isPlural() {
        return plural;
    }

    @Nullable
    String prefixOrNull() {
        return prefix;
    }
}
