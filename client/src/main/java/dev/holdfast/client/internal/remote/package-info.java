/**
 * The client's end of the gRPC transport: one connection per peer, and a transport that follows the leader. Nothing of
 * sessions or locks may enter.
 */
@NullMarked
package dev.holdfast.client.internal.remote;

import org.jspecify.annotations.NullMarked;
