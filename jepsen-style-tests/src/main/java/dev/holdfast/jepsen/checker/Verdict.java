package dev.holdfast.jepsen.checker;

/** The result of a check. Only {@link #OK} is a success. */
public enum Verdict {
    OK,
    ILLEGAL,
    /** The search ran out of budget. */
    UNKNOWN
}
