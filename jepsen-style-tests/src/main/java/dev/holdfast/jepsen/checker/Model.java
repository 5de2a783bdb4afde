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

    /**
     * What the operation is about, such as one hold. If all operations about it are taken out of a right history, the rest is
     * right, provided that nothing is left that {@linkplain #needsOthers needs others}. {@code null} if nothing is known.
     */
    default @Nullable Object subject(Operation operation) {
        return null;
    }

    /** Whether the result may be due to operations on other subjects: somebody was in the way. */
    default boolean needsOthers(Operation operation) {
        return true;
    }

    /** Whether the result says something only if the other operations on the same subject have theirs. */
    default boolean needsItsSubject(Operation operation) {
        return false;
    }
}
