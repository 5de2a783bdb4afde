/** Commands that show the state of a cluster, and the one that releases a lock by force. */
@NullMarked
package dev.holdfast.server.inspect;

import org.jspecify.annotations.NullMarked;
