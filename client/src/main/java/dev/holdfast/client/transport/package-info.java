/**
 * The port through which a client reaches the cluster, whatever lies between. No Ratis, and nothing of one particular
 * transport, may enter.
 */
@NullMarked
package dev.holdfast.client.transport;

import org.jspecify.annotations.NullMarked;
