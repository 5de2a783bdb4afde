/** Internal: the implementations behind the interfaces of {@code dev.holdfast.client}. */
@NullMarked
package dev.holdfast.client.internal.facade;

import org.jspecify.annotations.NullMarked;
