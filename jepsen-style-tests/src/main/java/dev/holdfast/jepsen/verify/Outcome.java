package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.Locale;

/** How an operation ended, as its caller sees it. */
enum Outcome {
    /** It did what it was asked for. */
    DONE,
    /** It was told no. */
    REFUSED,
    /** It certainly had no effect. */
    FAILED,
    /** Nobody knows. */
    UNKNOWN;

    static Outcome of(Operation operation) {
        Result result = operation.result();
        if (result instanceof Result.Unknown) {
            return UNKNOWN;
        } else if (result instanceof Result.Failed) {
            return FAILED;
        } else if (result instanceof Result.Refused
                || result instanceof Result.NotHeld
                || result instanceof Result.Stale) {
            return REFUSED;
        }
        return DONE;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
