/** What embeds a peer: the node, its members and its metrics. The parts behind it are in the packages below. */
@NullMarked
package dev.holdfast.node;

import org.jspecify.annotations.NullMarked;
