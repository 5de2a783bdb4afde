/** Locks of Holdfast for ShedLock's scheduled jobs. Sees the client and ShedLock's core, and none of the frameworks around it. */
@NullMarked
package dev.holdfast.shedlock;

import org.jspecify.annotations.NullMarked;
