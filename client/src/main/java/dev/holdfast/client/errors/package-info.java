/** What the client throws. Every failure of the cluster is a {@code LockException}, whose type says what is known of the request. */
@NullMarked
package dev.holdfast.client.errors;

import org.jspecify.annotations.NullMarked;
