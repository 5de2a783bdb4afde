/** Commands that show what the cluster knows, and the one that takes a lock by force. */
@NullMarked
package dev.holdfast.server.inspect;

import org.jspecify.annotations.NullMarked;
