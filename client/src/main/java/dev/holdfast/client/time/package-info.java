/**
 * The client's only source of time: a monotonic clock and timers, as a port. {@link dev.holdfast.client.time.ManualTimers}
 * lets tests drive both by hand. No wall clock may enter.
 */
@NullMarked
package dev.holdfast.client.time;

import org.jspecify.annotations.NullMarked;
