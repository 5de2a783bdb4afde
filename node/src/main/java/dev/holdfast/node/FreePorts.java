package dev.holdfast.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports on loopback that nobody listens on. They are picked below the range from which systems take the ports of
 * outgoing connections, so that only another listener could take one before it is used.
 */
public final class FreePorts {
    private static final int FROM = 11_000;
    private static final int TO = 32_000;
    private static final int TRIES_MAX = 1000;

    /** @throws IOException if so many cannot be found */
    public static List<Integer> find(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int tries = 0; held.size() < count; tries++) {
                ServerSocket socket = new ServerSocket();
                try {
                    int port = ThreadLocalRandom.current().nextInt(FROM, TO);
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
