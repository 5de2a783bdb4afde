package dev.holdfast.client.remote;

import dev.holdfast.client.transport.Transport;

/**
 * One group of a cluster, seen through a list of peers. Each request is one attempt at the peer that is believed to lead;
 * a failure tells it whom to ask next time. Created by {@link RemotePeers}.
 */
public interface RemoteTransport extends Transport {

    /** The peer that the next request goes to. */
    HostPort believedLeader();
}
