package dev.holdfast.http.internal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.jspecify.annotations.Nullable;

/**
 * Cuts off connections from an address that has many already, and those that are too many in all, so that nobody keeps others out.
 * Connections whose request waits are not counted meanwhile: how many may wait is known elsewhere. Thread-safe.
 */
public final class AddressLimit implements Connection.Listener {
    private final int max;
    private final int allMax;

    /** Those that are counted, and where each comes from. */
    private final Map<EndPoint, InetAddress> counted = new HashMap<>();

    private final Map<EndPoint, InetAddress> waiting = new HashMap<>();
    private final Map<InetAddress, Integer> counts = new HashMap<>();

    /**
     * No connections yet.
     *
     * @param max from one address
     * @param allMax in all
     */
    public AddressLimit(int max, int allMax) {
        this.max = max;
        this.allMax = allMax;
    }

    @Override
    public void onOpened(Connection connection) {
        EndPoint socket = connection.getEndPoint();
        InetAddress from = from(socket);
        if (from != null && !hasRoomFor(socket, from)) {
            socket.close();
        }
    }

    /** It is counted in any case, until it is closed. */
    private synchronized boolean hasRoomFor(EndPoint socket, InetAddress from) {
        count(socket, from);
        return counts.getOrDefault(from, 0) <= max && counted.size() <= allMax;
    }

    @Override
    public synchronized void onClosed(Connection connection) {
        EndPoint socket = connection.getEndPoint();
        waiting.remove(socket);
        var unused = uncount(socket);
    }

    /** A request of that connection begins to wait. What is returned is run when it does not wait any more; running it again does nothing. */
    synchronized Runnable waits(Connection connection) {
        EndPoint socket = socket(connection.getEndPoint());
        InetAddress from = uncount(socket);
        if (from == null) {
            return () -> {};
        }
        waiting.put(socket, from);
        return () -> goesOn(socket);
    }

    /** Whether there are so many from where that connection comes that new ones may soon be cut off. */
    synchronized boolean isCrowded(Connection connection) {
        InetAddress from = counted.get(socket(connection.getEndPoint()));
        return from != null && counts.getOrDefault(from, 0) > max / 2;
    }

    /** If it was closed meanwhile, it is not counted any more. */
    private synchronized void goesOn(EndPoint socket) {
        InetAddress from = waiting.remove(socket);
        if (from != null) {
            count(socket, from);
        }
    }

    private void count(EndPoint socket, InetAddress from) {
        if (counted.put(socket, from) == null) {
            counts.merge(from, 1, Integer::sum);
        }
    }

    private @Nullable InetAddress uncount(EndPoint socket) {
        InetAddress from = counted.remove(socket);
        if (from != null) {
            counts.computeIfPresent(from, (unused, count) -> count == 1 ? null : count - 1);
        }
        return from;
    }

    /** What is below TLS. */
    private static EndPoint socket(EndPoint endPoint) {
        return endPoint instanceof EndPoint.Wrapper wrapper ? socket(wrapper.unwrap()) : endPoint;
    }

    /** {@code null} for what is on top of another connection, which is counted already. */
    private static @Nullable InetAddress from(EndPoint endPoint) {
        return endPoint instanceof SocketChannelEndPoint socket
                        && socket.getRemoteSocketAddress() instanceof InetSocketAddress remote
                ? remote.getAddress()
                : null;
    }
}
