/**
 * The port that remote clients, and peers that forward, talk gRPC to. It serves a transport and knows nothing of Ratis or
 * of what is behind it.
 */
@NullMarked
package dev.holdfast.node.internal.port;

import org.jspecify.annotations.NullMarked;
