package dev.holdfast.client.transport;

import java.util.concurrent.CompletableFuture;

/**
 * The doors into a cluster whose locks are spread over Raft groups by key ({@link dev.holdfast.protocol.KeyGroups}): one
 * for each group. Groups know nothing of each other: each has its own leader, log time, sessions and fencing tokens.
 *
 * <p>Threads and failures are as with {@link Transport}.
 */
public interface ClusterTransport extends AutoCloseable {

    /**
     * How many groups there are, 1 to {@link dev.holdfast.protocol.KeyGroups#MAX}; 0 while that is not known here. Fixed
     * when the cluster was made.
     */
    int groups();

    /** Finds out how many groups there are. One attempt, at any peer. */
    CompletableFuture<Integer> findGroups();

    /** The door to one group, always the same for the same number. It ends with this, and is not to be closed by itself. */
    Transport group(int number);

    /** Closes the doors to all groups. */
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
