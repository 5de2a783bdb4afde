package dev.holdfast.protocol;

/** An event with its number within its session; events are numbered 1, 2, 3 and so on. */
public record NumberedEvent(long number, Event event) {}
