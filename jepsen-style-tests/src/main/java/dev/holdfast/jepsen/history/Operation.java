package dev.holdfast.jepsen.history;

/**
 * One operation of one client.
 *
 * @param process who did it; a process does one operation at a time, and none after one of unknown outcome
 * @param invokedNanos before it was asked, by {@link System#nanoTime} of the one host
 * @param completedNanos after it was answered; {@link #NEVER} if the result is {@link Result.Unknown}
 */
public record Operation(int process, String key, Call call, Result result, long invokedNanos, long completedNanos) {
    public static final long NEVER = Long.MAX_VALUE;

    public Operation {
        if (completedNanos < invokedNanos) {
            throw new IllegalArgumentException("completed before it was invoked: " + call);
        }
        if (result instanceof Result.Unknown != (completedNanos == NEVER)) {
            throw new IllegalArgumentException(
                    "an operation never completes if, and only if, its outcome is unknown: " + call);
        }
    }

    /** A copy with its outcome, which may be {@link Result.Unknown}. */
    public Operation completed(Result outcome, long nanos) {
        return new Operation(
                process, key, call, outcome, invokedNanos, outcome instanceof Result.Unknown ? NEVER : nanos);
    }

    public boolean isUnknown() {
        return completedNanos == NEVER;
    }
}
