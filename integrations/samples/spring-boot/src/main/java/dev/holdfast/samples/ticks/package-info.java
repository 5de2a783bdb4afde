/** A job that several instances schedule, and one of them runs: once for each tick. */
@NullMarked
package dev.holdfast.samples.ticks;

import org.jspecify.annotations.NullMarked;
