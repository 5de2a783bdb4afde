package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.internal.facade.AuditLockHooks;
import dev.holdfast.client.internal.facade.DefaultHoldfastClient;
import dev.holdfast.client.internal.remote.RemoteCluster;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.wire.ClassPath;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The entry point: creates clients, and defines lockables and owners. */
public final class Holdfast {

    /**
     * Defines something that there is one of.
     *
     * @throws LockRequestRejectedException if the name is empty, too long, or has control characters
     */
    public static LockableDefinition createLockable(String name) {
        return createLockable(name, LockableOptions.singular());
    }

    /**
     * Defines something that can be locked.
     *
     * @throws LockRequestRejectedException if the name is empty, too long, or has control characters
     */
    public static LockableDefinition createLockable(String name, LockableOptions options) {
        return new LockableDefinition(name, options);
    }

    /**
     * Defines a kind of owner.
     *
     * @throws LockRequestRejectedException if the name is empty, too long, or has control characters
     */
    public static LockOwnerType createLockOwner(String name) {
        return new LockOwnerType(name, null);
    }

    /** Hooks that call the given consumer after each operation that succeeded, and only then; {@code null} for nobody. */
    public static LockHooks auditLockHooks(
            @Nullable Consumer<HookContext> onAcquire,
            @Nullable Consumer<HookContext> onRelease,
            @Nullable Consumer<HookContext> onExtend,
            @Nullable Consumer<HookContext> onForceRelease) {
        return new AuditLockHooks(onAcquire, onRelease, onExtend, onForceRelease);
    }

    /** {@link #connect(String, ClientOptions)} with the default options. */
    public static HoldfastClient connect(String peers) {
        return connect(peers, ClientOptions.defaults());
    }

    /**
     * A client that embeds no peer and talks to the peers of a cluster over the network. It finds the leader, follows the
     * leadership, and keeps its session and its holds while a majority of the peers is up, whichever of them it talked to.
     * Returns at once: the first operation connects, and fails with {@link LockUnavailableException} if no peer answers in time.
     *
     * <p>An entry of the list that is of no use, because nobody or something else answers there, is passed over. Entries of two
     * different clusters are an error: every operation fails with {@link LockRequestRejectedException}, which names both, whichever
     * comes first. Name the cluster ({@link ClientOptions#clusterName}, {@link ClientOptions#clusterId}), and entries of other
     * clusters are passed over too.
     *
     * <p>Once it has a session, it knows from the leader who the members of the cluster are, and keeps working when none of the list is left.
     *
     * <p>Without {@link ClientOptions#tls} the connection is neither encrypted nor authenticated.
     *
     * @param peers where the peers serve clients, {@code host:port,host:port,...}, an IPv6 address in brackets. One that is up
     *     is enough to find the others, but name all of them, in case that one is down
     * @throws dev.holdfast.client.errors.InvalidAddressException if a part of the list cannot be an address, or there is none
     * @throws UncheckedIOException if the files of {@link ClientOptions#tls} cannot be used; the message says which, and why
     * @throws IllegalStateException if the class path has a protobuf or gRPC that does not fit this release
     */
    public static HoldfastClient connect(String peers, ClientOptions options) {
        ClassPath.check();
        RemoteOptions remote = RemoteOptions.named(options.name())
                .withClusterName(options.clusterName())
                .withClusterId(options.clusterId());
        Tls tls = options.tls();
        if (tls != null) {
            remote = remote.withTls(tls);
        }
        return client(new RemoteCluster(HostPort.parseList(peers), identified(remote, options)), options);
    }

    private static RemoteOptions identified(RemoteOptions remote, ClientOptions options) {
        Supplier<String> token = options.token();
        if (token == null) {
            return remote;
        }
        return options.isInsecure() ? remote.withInsecureToken(token) : remote.withToken(token);
    }

    /** A client of a cluster of one group. It takes ownership of the transport and closes it with itself. */
    public static HoldfastClient client(Transport transport, ClientOptions options) {
        return client(ClusterTransport.ofOne(transport), options);
    }

    /** A client of a cluster of one or more groups. It takes ownership of the transport and closes it with itself. */
    public static HoldfastClient client(ClusterTransport cluster, ClientOptions options) {
        return new DefaultHoldfastClient(cluster, options);
    }

    private Holdfast() {}
}
