/**
 * Snapshots on disk: written in the background, verified when read, and received from a leader. Elections and log entries
 * are not known here.
 */
@NullMarked
package dev.holdfast.node.internal.snapshot;

import org.jspecify.annotations.NullMarked;
