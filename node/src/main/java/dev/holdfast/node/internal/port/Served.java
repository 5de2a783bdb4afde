package dev.holdfast.node.internal.port;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.Transport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a port serves: one group of the cluster.
 *
 * @param transport answers at this peer alone
 * @param leader who leads, in the belief of this peer
 */
record Served(String clusterId, String peerId, Transport transport, Supplier<@Nullable LeaderHint> leader) {}
