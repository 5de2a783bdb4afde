package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Operation;
import org.jspecify.annotations.Nullable;

/**
 * What a service that does one thing after the other may answer.
 *
 * @param <S> its state: immutable, with {@code equals} and {@code hashCode}
 */
public interface Model<S> {
    S initial();

    /**
     * The state after that operation had its recorded result; {@code null} if it could not have had it. An operation of
     * unknown outcome is asked about as one that happened; that it may not have happened is the checker's affair.
     */
    @Nullable
    S step(S state, Operation operation);

    /** Whether that operation, with its result, changes nothing in whatever state it is possible. It saves time to know. */
    boolean onlyReads(Operation operation);
}
