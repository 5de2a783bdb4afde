package dev.holdfast.statemachine;

import dev.holdfast.protocol.Batch;

/** One entry of a test's log. */
record LogEntry(long stampMs, Batch batch) {}
