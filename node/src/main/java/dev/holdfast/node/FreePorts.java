package dev.holdfast.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds loopback ports that nobody listens on. They lie below the range that systems use for outgoing connections, so only
 * another listener could take one before it is used. Each process starts its search at a different port and goes on from
 * there: processes that search at the same time find different ports, and no process is given the same port twice.
 */
public final class FreePorts {
    private static final int FROM = 11_000;
    private static final int TO = 32_000;
    private static final int TRIES_MAX = 1000;

    /** About how many ports a process may take before it reaches those of the next. */
    private static final int PER_PROCESS = 337;

    private static final AtomicLong NEXT =
            new AtomicLong(ProcessHandle.current().pid() * PER_PROCESS);

    /**
     * That many different ports, free when this returns.
     *
     * @throws IOException if there are not enough
     */
    public static List<Integer> find(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int tries = 0; held.size() < count; tries++) {
                ServerSocket socket = new ServerSocket();
                try {
                    int port = FROM + (int) (NEXT.getAndIncrement() % (TO - FROM));
                    socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
                    held.add(socket);
                } catch (IOException e) {
                    socket.close();
                    if (tries > TRIES_MAX) {
                        throw new IOException("could not find " + count + " free ports on loopback", e);
                    }
                }
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private FreePorts() {}
}
