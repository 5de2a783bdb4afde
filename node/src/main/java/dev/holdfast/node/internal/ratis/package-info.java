/** The only package that knows Ratis: the state-machine adapter, the log port, snapshots on disk, settings. */
@NullMarked
package dev.holdfast.node.internal.ratis;

import org.jspecify.annotations.NullMarked;
