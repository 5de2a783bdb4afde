package dev.holdfast.client.internal.remote;

/** The cluster that a client keeps to: the one it was told, or else the first that welcomed it. */
final class ClusterPin {
    private String pinned;

    /** Empty to take the first. */
    ClusterPin(String clusterId) {
        this.pinned = clusterId;
    }

    /** The cluster, or empty while there is none. */
    synchronized String id() {
        return pinned;
    }

    /** Whether that is the cluster, which it becomes if there is none yet. */
    synchronized boolean accepts(String clusterId) {
        if (pinned.isEmpty()) {
            pinned = clusterId;
        }
        return !clusterId.isEmpty() && pinned.equals(clusterId);
    }
}
