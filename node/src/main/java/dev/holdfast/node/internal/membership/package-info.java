/** Who the members of the cluster are. */
@NullMarked
package dev.holdfast.node.internal.membership;

import org.jspecify.annotations.NullMarked;
