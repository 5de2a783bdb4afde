/**
 * Internal: the serial executor, the clock and the shared context in which a group's client runs. Nothing that knows a command
 * may enter.
 */
@NullMarked
package dev.holdfast.client.internal.serial;

import org.jspecify.annotations.NullMarked;
