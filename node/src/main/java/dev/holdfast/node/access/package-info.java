/** Who may use a cluster: how clients prove who they are, and whether they must. */
@NullMarked
package dev.holdfast.node.access;

import org.jspecify.annotations.NullMarked;
