/**
 * The replicated state machine: pure and deterministic. The same log gives the same state, byte for byte, on every peer.
 * No Ratis, no I/O, no clock, no threads, no logging, and no iteration in hash order may enter.
 */
@NullMarked
package dev.holdfast.statemachine;

import org.jspecify.annotations.NullMarked;
