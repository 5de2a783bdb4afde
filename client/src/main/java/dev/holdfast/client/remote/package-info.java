/**
 * Reaching peers over gRPC: addresses, options, and the transports that use them. For code that embeds or inspects clusters;
 * applications use {@code Holdfast.connect}.
 */
@NullMarked
package dev.holdfast.client.remote;

import org.jspecify.annotations.NullMarked;
