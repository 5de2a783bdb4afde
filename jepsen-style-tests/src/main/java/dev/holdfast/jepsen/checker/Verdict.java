package dev.holdfast.jepsen.checker;

/** What a check came to. Only {@link #OK} is a success. */
public enum Verdict {
    OK,
    ILLEGAL,
    /** The budget was used up before the search was over. */
    UNKNOWN
}
