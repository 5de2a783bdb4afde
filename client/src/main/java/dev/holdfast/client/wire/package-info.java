/**
 * What both ends of the gRPC conversation share. For the client and the peer of Holdfast, not for applications: it may
 * change with any release.
 */
@NullMarked
package dev.holdfast.client.wire;

import org.jspecify.annotations.NullMarked;
