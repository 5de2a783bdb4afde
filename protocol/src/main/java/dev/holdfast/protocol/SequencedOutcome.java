package dev.holdfast.protocol;

/** The outcome of the command with this sequence. */
public record SequencedOutcome(long sequence, Outcome outcome) {}
