package dev.holdfast.node.internal.backup;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks peers who leads the group that the options name. */
final class LeaderSearch {
    private final List<HostPort> servers;
    private final RemoteOptions options;
    private final Set<String> clusters = new HashSet<>();
    private @Nullable HostPort leader;
    private @Nullable TransportException failure;

    LeaderSearch(List<HostPort> servers, RemoteOptions options) {
        this.servers = servers;
        this.options = options;
    }

    /**
     * Where that peer serves clients. All servers are asked, unless the options have the cluster's id, and the members that they name
     * while nobody knows.
     *
     * @throws TransportException if none of those that answer knows; {@code REFUSED} if they are of several clusters
     */
    HostPort leader() {
        Deque<HostPort> unasked = new ArrayDeque<>(servers);
        Set<HostPort> known = new HashSet<>(servers);
        int asked = 0;
        while (!unasked.isEmpty() && (leader == null || (options.clusterId().isEmpty() && asked < servers.size()))) {
            PeerStatus status = ask(unasked.remove());
            asked++;
            if (status != null) {
                status.members().stream()
                        .map(PeerStatus.MemberAddress::clients)
                        .filter(known::add)
                        .forEach(unasked::add);
            }
        }
        if (leader != null) {
            return leader;
        }
        throw !clusters.isEmpty() || failure == null
                ? new TransportException(Kind.NO_LEADER, "nobody leads group " + options.group() + " at this moment")
                : failure;
    }

    private @Nullable PeerStatus ask(HostPort server) {
        PeerStatus status;
        try {
            status = PeerStatusRequest.ask(server, options);
        } catch (TransportException e) {
            failure = e;
            return null;
        }
        if (!isMeant(status)) {
            failure = new TransportException(
                    Kind.REFUSED,
                    server + " is of the cluster '" + status.clusterName() + "' (" + status.clusterId()
                            + "), which is another one than is meant");
            return null;
        }
        clusters.add(status.clusterId());
        if (clusters.size() > 1) {
            throw new TransportException(
                    Kind.REFUSED,
                    "the servers are of several clusters: " + String.join(", ", clusters)
                            + ". Give those of one, or the name of the one that is meant");
        }
        if (options.group() < status.groups().size()) {
            String id = status.groups().get(options.group()).leaderId();
            status.members().stream()
                    .filter(member -> member.peerId().equals(id))
                    .forEach(member -> leader = member.clients());
        }
        return status;
    }

    private boolean isMeant(PeerStatus status) {
        return (options.clusterId().isEmpty() || options.clusterId().equals(status.clusterId()))
                && (options.clusterName().isEmpty()
                        || status.clusterName().isEmpty()
                        || options.clusterName().equals(status.clusterName()));
    }
}
