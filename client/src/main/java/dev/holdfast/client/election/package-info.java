/** Leader election: candidates for a lockable, the terms that they lead for, and who watches. Nothing of the protocol may enter. */
@NullMarked
package dev.holdfast.client.election;

import org.jspecify.annotations.NullMarked;
