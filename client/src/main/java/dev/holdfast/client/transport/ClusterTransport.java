package dev.holdfast.client.transport;

import java.util.concurrent.CompletableFuture;

/**
 * The way into a cluster whose locks are spread over Raft groups by key ({@link dev.holdfast.protocol.KeyGroups}): one
 * {@link Transport} for each group. Groups know nothing of each other: each has its own leader, log time, sessions and fencing tokens.
 *
 * <p>Threads and failures are as with {@link Transport}.
 */
public interface ClusterTransport extends AutoCloseable {

    /**
     * How many groups there are, 1 to {@link dev.holdfast.protocol.KeyGroups#MAX}; 0 while that is not known here. Fixed
     * when the cluster was created.
     */
    int groups();

    /** Finds out how many groups there are. One attempt, at any peer. */
    CompletableFuture<Integer> findGroups();

    /** The transport of one group, always the same for the same number. It is closed with this one; do not close it alone. */
    Transport group(int number);

    /** Closes the transports of all groups. */
    @Override
    void close();

    /** A cluster of one group. */
    static ClusterTransport ofOne(Transport transport) {
        return new ClusterTransport() {
            @Override
            public int groups() {
                return 1;
            }

            @Override
            public CompletableFuture<Integer> findGroups() {
                return CompletableFuture.completedFuture(groups());
            }

            @Override
            public Transport group(int number) {
                return transport;
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }
}
