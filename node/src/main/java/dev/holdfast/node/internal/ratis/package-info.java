/**
 * The adapter to Ratis: the replicated log and its state machine, the appender, and the settings. Snapshots and leadership
 * are packages of their own that do not know this one.
 */
@NullMarked
package dev.holdfast.node.internal.ratis;

import org.jspecify.annotations.NullMarked;
