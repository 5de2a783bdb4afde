/** What embedders use: the node, its members, its settings and its metrics. What is behind it is in the packages below. */
@NullMarked
package dev.holdfast.node;

import org.jspecify.annotations.NullMarked;
