package dev.holdfast.bench.cluster;

/** Where the callers and the peers are. */
public enum Place {
    THIN("three processes, callers on a thin client"),
    LEADER("three processes, callers in the leader's"),
    FOLLOWER("three processes, callers in a follower's"),
    JVM("three peers and the callers in one JVM");

    private final String title;

    Place(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }
}
