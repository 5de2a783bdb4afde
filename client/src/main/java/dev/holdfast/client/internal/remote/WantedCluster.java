package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.RemoteOptions;
import org.jspecify.annotations.Nullable;

/**
 * The cluster that the user named.
 *
 * @param id empty for any
 * @param name empty for any
 */
record WantedCluster(String id, String name) {

    static WantedCluster of(RemoteOptions options) {
        return new WantedCluster(options.clusterId(), options.clusterName());
    }

    /** Whether only one cluster can be meant: an id is unique, a name need not be. */
    boolean isUnique() {
        return !id.isEmpty();
    }

    /** What is wrong with that cluster, {@code null} if nothing is. */
    @Nullable
    String objection(ClusterIdentity said) {
        if (said.id().isEmpty()) {
            return "does not say of which cluster it is";
        }
        if (!id.isEmpty() && !id.equals(said.id())) {
            return "belongs to " + said + ", this client wants the one with the id '" + id + "'";
        }
        if (!name.isEmpty() && !name.equals(said.name())) {
            return said.name().isEmpty()
                    ? "does not say what its cluster is called, this client wants '" + name + "'"
                    : "belongs to " + said + ", this client wants '" + name + "'";
        }
        return null;
    }
}
