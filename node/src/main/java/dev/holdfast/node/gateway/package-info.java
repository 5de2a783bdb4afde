/** The one way into a peer for callers in its process: to the local leader, or to the peer that leads. */
@NullMarked
package dev.holdfast.node.gateway;

import org.jspecify.annotations.NullMarked;
