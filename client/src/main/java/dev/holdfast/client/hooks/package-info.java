/** Callbacks around each operation, for auditing, tracing and policy. */
@NullMarked
package dev.holdfast.client.hooks;

import org.jspecify.annotations.NullMarked;
