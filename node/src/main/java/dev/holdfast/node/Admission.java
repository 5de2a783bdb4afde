package dev.holdfast.node;

/**
 * Whether somebody is let in.
 *
 * @param why not, in words for the one who asked; empty if granted
 */
public record Admission(Answer answer, String why) {
    /** What a door says. */
    public enum Answer {
        GRANTED,
        /** It has not shown who it is, or what it has shown is wrong. */
        UNKNOWN,
        /** It is known, and has not the right. */
        FORBIDDEN,
        /** It cannot be said now. */
        LATER
    }

    static final Admission GRANTED = new Admission(Answer.GRANTED, "");
}
