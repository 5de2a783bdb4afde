/** How members meet: how a cluster is born, how a peer finds one that is there, and how members tell each other where they are. */
@NullMarked
package dev.holdfast.node.internal.birth;

import org.jspecify.annotations.NullMarked;
