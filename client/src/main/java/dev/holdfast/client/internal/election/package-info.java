/** Internal: how an election is run on one hold. Nothing that knows a session or a command may enter. */
@NullMarked
package dev.holdfast.client.internal.election;

import org.jspecify.annotations.NullMarked;
