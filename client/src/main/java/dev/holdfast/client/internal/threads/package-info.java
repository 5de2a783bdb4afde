/**
 * Internal: the threads that a client makes for itself. Nothing that knows a client may enter.
 */
@NullMarked
package dev.holdfast.client.internal.threads;

import org.jspecify.annotations.NullMarked;
