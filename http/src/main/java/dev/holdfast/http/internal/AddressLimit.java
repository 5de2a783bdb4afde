package dev.holdfast.http.internal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.jspecify.annotations.Nullable;

/** Cuts off connections from an address that has many already, so that it keeps nobody else out. Thread-safe. */
public final class AddressLimit implements Connection.Listener {
    private final int max;
    private final Map<InetAddress, Integer> open = new ConcurrentHashMap<>();

    public AddressLimit(int max) {
        this.max = max;
    }

    @Override
    public void onOpened(Connection connection) {
        InetAddress from = from(connection);
        if (from != null && open.merge(from, 1, Integer::sum) > max) {
            connection.getEndPoint().close();
        }
    }

    @Override
    public void onClosed(Connection connection) {
        InetAddress from = from(connection);
        if (from != null) {
            open.computeIfPresent(from, (unused, count) -> count == 1 ? null : count - 1);
        }
    }

    /** {@code null} for what is on top of another connection, which is counted already. */
    private static @Nullable InetAddress from(Connection connection) {
        return connection.getEndPoint() instanceof SocketChannelEndPoint socket
                        && socket.getRemoteSocketAddress() instanceof InetSocketAddress remote
                ? remote.getAddress()
                : null;
    }
}
