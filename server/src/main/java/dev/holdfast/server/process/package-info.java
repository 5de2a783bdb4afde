/** Child JVMs, and peers that run as such. May know the client and the node, but none of the commands. */
@NullMarked
package dev.holdfast.server.process;

import org.jspecify.annotations.NullMarked;
