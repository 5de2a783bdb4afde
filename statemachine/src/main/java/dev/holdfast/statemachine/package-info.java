/**
 * The replicated state machine: pure and deterministic. The same log gives the same state on every peer, byte for byte.
 * No Ratis, I/O, clocks, threads or logging belong here, and nothing may iterate in hash order.
 */
@NullMarked
package dev.holdfast.statemachine;

import org.jspecify.annotations.NullMarked;
