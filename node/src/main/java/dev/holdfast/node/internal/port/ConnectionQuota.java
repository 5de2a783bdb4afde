package dev.holdfast.node.internal.port;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Bounds how many connections a port has, in all and from one address, so that one host cannot keep out all others. */
public final class ConnectionQuota {
    private final int max;
    private final int perAddressMax;
    private final AtomicInteger all = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    public ConnectionQuota(int max, int perAddressMax) {
        this.max = max;
        this.perAddressMax = perAddressMax;
    }

    /** Whether there may be one more from there. If so it counts, until it is {@linkplain #leave given back}. */
    public boolean enter(@Nullable SocketAddress remote) {
        if (all.incrementAndGet() > max) {
            all.decrementAndGet();
            return false;
        }
        InetAddress address = addressOf(remote);
        if (address != null && byAddress.merge(address, 1, Integer::sum) > perAddressMax) {
            leave(remote);
            return false;
        }
        return true;
    }

    /** One that was let in is gone. */
    public void leave(@Nullable SocketAddress remote) {
        all.decrementAndGet();
        InetAddress address = addressOf(remote);
        if (address != null) {
            byAddress.computeIfPresent(address, (known, count) -> count == 1 ? null : count - 1);
        }
    }

    private static @Nullable InetAddress addressOf(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }
}
