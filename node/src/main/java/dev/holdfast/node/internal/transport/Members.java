package dev.holdfast.node.internal.transport;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.wire.HostLookup;
import dev.holdfast.node.internal.membership.PeerId;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * This member's connections with all others: the port at which they dial in, and the links to each.
 *
 * <p>Thread-safe.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
public final class Members implements AutoCloseable {
    private static final int THREADS_MAX = 4;
    private static final int POOL_THREADS_MAX = 16;
    private static final long POOL_IDLE_S = 10;
    private static final int UNPROVED_MAX = 128;
    private static final long HANDSHAKE_TIMEOUT_MS = 10_000;

    private final Identity self;
    private final Host host;
    private final HostLookup hosts;
    private final EventLoopGroup loops;
    private final ThreadPoolExecutor pool;
    private final Refusals refusals;
    private final MembersPort port;
    private final Function<String, List<HostPort>> addresses;
    private final Map<String, Map<Lane, Link>> links = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param addresses where the member of that name is to be dialled; none if that is not known */
    public Members(Identity self, Function<String, List<HostPort>> addresses, Host host) {
        this(self, addresses, host, UNPROVED_MAX, HANDSHAKE_TIMEOUT_MS, HostLookup.shared());
    }

    /**
     * @param unprovedMax how many connections may be about to prove that they are members'
     * @param handshakeTimeoutMs how long that may take
     * @param hosts finds the addresses of those that are dialled
     */
    @SuppressWarnings("deprecation") // Its successor is not in the Netty of the oldest gRPC that is supported.
    Members(
            Identity self,
            Function<String, List<HostPort>> addresses,
            Host host,
            int unprovedMax,
            long handshakeTimeoutMs,
            HostLookup hosts) {
        this.self = self;
        this.host = host;
        this.hosts = hosts;
        int threads = Math.max(2, Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors() / 2));
        this.loops = new NioEventLoopGroup(threads, new DefaultThreadFactory("holdfast-members", true));
        this.pool = new ThreadPoolExecutor(
                0,
                POOL_THREADS_MAX,
                POOL_IDLE_S,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new DefaultThreadFactory("holdfast-members-work", true));
        this.refusals = new Refusals(self.id());
        this.port = new MembersPort(self, host, loops, pool, refusals, unprovedMax, handshakeTimeoutMs);
        this.addresses = addresses;
    }

    private Map<Lane, Link> linksTo(String id) {
        String name = PeerId.nameIn(id);
        Map<Lane, Link> each = new EnumMap<>(Lane.class);
        for (Lane lane : Lane.values()) {
            each.put(lane, new Link(self, id, () -> addresses.apply(name), lane, host, loops, hosts, refusals));
        }
        return each;
    }

    /**
     * Takes the port. Members that dial in wait until they are {@linkplain #accept accepted}.
     *
     * @throws IOException if the port is taken, or the address is not this host's
     */
    public void open(InetSocketAddress address) throws IOException {
        port.open(address);
    }

    /** From now on, members that dial in are answered. */
    public void accept() {
        port.accept();
    }

    /** Where it listens; {@code null} if it does not. */
    public @Nullable InetSocketAddress address() {
        return port.address();
    }

    /**
     * The way to that member.
     *
     * @param id what it is in Raft; on the lane {@link Lane#MEETING}, its name
     * @throws RefusedException if it is not known where that member is
     */
    public Link link(String id, Lane lane) throws RefusedException {
        Map<Lane, Link> known = links.get(id);
        if (known == null) {
            known = newLinks(id);
        }
        return Objects.requireNonNull(known.get(lane));
    }

    private Map<Lane, Link> newLinks(String id) throws RefusedException {
        if (closed) {
            throw new RefusedException(Reason.BUSY, "this peer is being closed");
        }
        if (addresses.apply(PeerId.nameIn(id)).isEmpty()) {
            throw new RefusedException(Reason.NOT_A_MEMBER, "there is no other member " + id);
        }
        Map<Lane, Link> made = links.computeIfAbsent(id, this::linksTo);
        if (closed) {
            // close() may have run too early to see them.
            made.values().forEach(Link::close);
        }
        return made;
    }

    /** That one is no member any more: what is left of the conversations with it ends. */
    public void forget(String id) {
        Map<Lane, Link> gone = links.remove(id);
        if (gone != null) {
            gone.values().forEach(Link::close);
        }
    }

    /** How many connections and questions were refused for that reason since the start. */
    public long refused(Enum<?> reason) {
        return refusals.count(reason);
    }

    /** Ends all conversations. What was not answered fails. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        port.close();
        links.values().forEach(each -> each.values().forEach(Link::close));
        pool.shutdown();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
