package dev.holdfast.jepsen.cluster;

import java.io.IOException;
import java.util.List;

/** Where the peers' addresses are. */
public interface PeerNetwork extends AutoCloseable {
    /** The two there are. */
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

    /** Takes away whatever was made. */
    @Override
    void close() throws IOException;

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
            public void close() {
                // Nothing was made.
            }
        };
    }
}
