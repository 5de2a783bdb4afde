/** What Ratis measures, in the registry of the node. */
@NullMarked
package dev.holdfast.node.internal.metrics;

import org.jspecify.annotations.NullMarked;
