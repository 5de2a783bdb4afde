/** Trials: a cluster, clients at work, faults, and the verdict on the history. Knows all the other packages. */
@NullMarked
package dev.holdfast.jepsen.verify;

import org.jspecify.annotations.NullMarked;
