/**
 * What a peer does while it leads: batching, log time, session liveness, events. Ratis may not enter; the replicated log
 * is a port, and time comes through {@code Timers}, so that all of it runs under a manual clock.
 */
@NullMarked
package dev.holdfast.node.leader;

import org.jspecify.annotations.NullMarked;
