package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What a service that does one thing after another may answer.
 *
 * @param <S> its state: immutable, with {@code equals} and {@code hashCode}
 */
public interface Model<S> {
    S initial();

    /**
     * The state after that operation had its recorded result; {@code null} if it could not have had it. An operation of
     * unknown outcome is passed as one that happened; the checker itself considers that it may not have.
     */
    @Nullable
    S step(S state, Operation operation);

    /**
     * Whether that operation, with its result, changes nothing in any state in which it is possible. Knowing this saves
     * time.
     */
    boolean onlyReads(Operation operation);
}
