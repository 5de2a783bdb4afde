package dev.holdfast.jepsen.cluster;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What connects the peers. */
public interface PeerNetwork extends AutoCloseable {
    /** The two kinds of network. */
    enum Kind {
        /** All on 127.0.0.1: no faults of the network can be made. */
        LOOPBACK,
        /** Each in a network namespace of its own, on a bridge that the harness and its clients are on as well. */
        NAMESPACES
    }

    /** The address of the peer with that number. */
    String host(int peer);

    /** What its command line begins with. */
    List<String> commandPrefix(int peer);

    /** From now on nothing that one peer sends reaches the other. */
    void cut(int from, int to) throws IOException, InterruptedException;

    /** From now on that percentage of the packets to any peer is lost. */
    void lose(int percent) throws IOException, InterruptedException;

    /**
     * How many packets the present cuts and losses have dropped. If it is still 0 after a while, they are not in
     * effect.
     */
    long dropped() throws IOException, InterruptedException;

    /** Undoes all cuts and losses. */
    void heal() throws IOException, InterruptedException;

    /** Removes whatever was created. */
    @Override
    void close() throws IOException;

    /** Why there can be no faults of the network on this machine; {@code null} if there can. */
    static @Nullable String faultsUnavailableBecause() {
        return NamespaceNetwork.unavailableBecause();
    }

    static PeerNetwork make(Kind kind, int peers) throws IOException, InterruptedException {
        return kind == Kind.LOOPBACK ? loopback() : NamespaceNetwork.make(peers);
    }

    /** 127.0.0.1 for all. */
    static PeerNetwork loopback() {
        return new PeerNetwork() {
            @Override
            public String host(int peer) {
                return "127.0.0.1";
            }

            @Override
            public List<String> commandPrefix(int peer) {
                return List.of();
            }

            @Override
            public void cut(int from, int to) {
                throw new UnsupportedOperationException("loopback cannot be cut");
            }

            @Override
            public void lose(int percent) {
                throw new UnsupportedOperationException("loopback loses nothing");
            }

            @Override
            public long dropped() {
                return 0;
            }

            @Override
            public void heal() {
                // Nothing is ever wrong with it.
            }

            @Override
            public void close() {
                // Nothing was created.
            }
        };
    }
}
