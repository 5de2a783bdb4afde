package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockableParamsException;
import dev.holdfast.client.errors.LockableParamsException.Reason;
import dev.holdfast.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A kind of thing that can be locked: {@code order}, {@code nightly-report}. Creates the {@link Lockable}s of that kind.
 *
 * <p>The key is {@code prefix:name:params}. A definition without a prefix leaves it out, and a singular one has no
 * parameters. Parameters given as a map are written {@code k:v:k:v} in the order of their keys, so insertion
 * order does not matter. See {@link LockableKeys} for parts that contain {@code ':'}. Immutable.
 */
public final class LockableDefinition {
    private final String name;
    private final boolean plural;
    private final List<String> leading;

    LockableDefinition(String name, LockableOptions options) {
        this.name = Names.check("a lockable's name", name, Limits.KEY_BYTES_MAX);
        this.plural = options.isPlural();
        String prefix = options.prefixOrNull();
        this.leading = prefix == null ? List.of(name) : List.of(prefix, name);
        Names.check("the key of lockable '" + name + "'", LockableKeys.join(leading), Limits.KEY_BYTES_MAX);
    }

    public String name() {
        return name;
    }

    public boolean isPlural() {
        return plural;
    }

    /**
     * The only lockable of a singular definition.
     *
     * @throws LockableParamsException if this definition is plural
     */
    public Lockable of() {
        return make(List.of());
    }

    /**
     * The lockable with that parameter; {@code null} and the empty string count as none.
     *
     * @throws LockableParamsException if this definition is singular and got a parameter, or is plural and got none
     * @throws LockRequestRejectedException if the parameter has control characters or the key becomes too long
     */
    public Lockable of(@Nullable String param) {
        return make(param == null || param.isEmpty() ? List.of() : List.of(param));
    }

    /**
     * The lockable with those parameters; {@code null} and the empty map count as none.
     *
     * @throws LockableParamsException if this definition is singular and got parameters, or is plural and got none
     * @throws LockRequestRejectedException if a key or a value is empty or has control characters, or the lockable's key
     *     becomes too long
     */
    public Lockable of(@Nullable Map<String, String> params) {
        List<String> parts = new ArrayList<>();
        if (params != null) {
            params.forEach((key, value) -> {
                Names.check("a parameter name of lockable '" + name + "'", key, Limits.KEY_BYTES_MAX);
                Names.check("parameter '" + key + "' of lockable '" + name + "'", value, Limits.KEY_BYTES_MAX);
            });
            new TreeMap<>(params).forEach((key, value) -> {
                parts.add(key);
                parts.add(value);
            });
        }
        return make(parts);
    }

    private Lockable make(List<String> params) {
        if (plural && params.isEmpty()) {
            throw new LockableParamsException(name, Reason.PLURAL_WITHOUT_PARAMS);
        }
        if (!plural && !params.isEmpty()) {
            throw new LockableParamsException(name, Reason.SINGULAR_WITH_PARAMS);
        }
        List<String> parts = new ArrayList<>(leading);
        parts.addAll(params);
        return new Lockable(name, LockableKeys.join(parts));
    }

    /**
     * The parameters in a key of this definition, in the order in which they appear; an empty list for the key of a
     * singular one. The reverse of the {@code of} methods.
     *
     * @return nothing if the key is not one of this definition
     * @throws LockRequestRejectedException if it is not a key at all
     */
    public Optional<List<String>> parse(String key) {
        List<String> parts = LockableKeys.split(key);
        boolean mine = parts.size() >= leading.size()
                && parts.subList(0, leading.size()).equals(leading)
                && (parts.size() > leading.size()) == plural;
        return mine ? Optional.of(parts.subList(leading.size(), parts.size())) : Optional.empty();
    }
}
