package dev.holdfast.protocol;

/** An event with its number in its session, rising by one from 1. */
public record NumberedEvent(long number, Event event) {}
