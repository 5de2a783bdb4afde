package dev.holdfast.client.internal.remote;

/**
 * Which cluster a peer says it is of.
 *
 * @param id unique; empty if the peer does not tell, which no peer of ours does
 * @param name what it is called in its members' configuration, for people; empty if the peer does not tell
 */
record ClusterIdentity(String id, String name) {
    @Override
    public String toString() {
        return name.isEmpty() ? "cluster '" + id + "'" : "cluster '" + name + "' (" + id + ")";
    }
}
