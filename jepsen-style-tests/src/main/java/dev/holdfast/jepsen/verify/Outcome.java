package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.Locale;

/** How an operation ended, as its caller sees it. */
enum Outcome {
    /** It did what it was asked for. */
    DONE(0),
    /** It was told no. */
    REFUSED(1),
    /** It certainly had no effect. */
    FAILED(2),
    /** Nobody knows. */
    UNKNOWN(3);

    private final int lane;

    Outcome(int lane) {
        this.lane = lane;
    }

    /** Where it is drawn beside the others, from 0 on. */
    int lane() {
        return lane;
    }

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
