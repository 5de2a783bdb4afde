/** Internal: the users' terms in those of the protocol, and back. */
@NullMarked
package dev.holdfast.client.internal.terms;

import org.jspecify.annotations.NullMarked;
