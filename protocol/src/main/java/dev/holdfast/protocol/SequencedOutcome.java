package dev.holdfast.protocol;

/** The outcome of the command with that sequence. */
public record SequencedOutcome(long sequence, Outcome outcome) {}
