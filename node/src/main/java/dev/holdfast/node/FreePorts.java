package dev.holdfast.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds ports on loopback that nobody listens on. They are picked below the range from which systems take the ports of
 * outgoing connections, so that only another listener could take one before it is used. Each process begins to look
 * elsewhere and goes on from there: processes that look at the same time find different ports, and none finds one again
 * that it was told of and does not use yet, or not at the moment.
 */
public final class FreePorts {
    private static final int FROM = 11_000;
    private static final int TO = 32_000;
    private static final int TRIES_MAX = 1000;

    /** A process has about so many before it comes to those of the next. */
    private static final int PER_PROCESS = 337;

    private static final AtomicLong NEXT =
            new AtomicLong(ProcessHandle.current().pid() * PER_PROCESS);

    /** @throws IOException if so many cannot be found */
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
                        throw new IOException("found no " + count + " free ports on loopback", e);
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
