/** Commands that show what the cluster knows, and the one that takes a lock by force. */
@NullMarked
package dev.holdfast.node.cli.inspect;

import org.jspecify.annotations.NullMarked;
