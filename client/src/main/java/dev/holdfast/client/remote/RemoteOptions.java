package dev.holdfast.client.remote;

import dev.holdfast.client.internal.remote.TokenCredentials;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.client.tls.TlsMaterial;
import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects to peers.
 *
 * @param clientName what the client calls itself, for people to read
 * @param clusterId the only cluster to talk to; empty for the cluster of the peers that are given, which then must all be of
 *     the same
 * @param clusterName what that cluster is called in the configuration of its members; empty for any
 * @param group which of the cluster's groups to talk to
 * @param connectTimeout how long a connection may take, greeting included
 * @param requestTimeout how long a request may take, connecting included
 * @param pingInterval how long a connection may be silent before the peer is asked for a sign of life; gRPC takes no less
 *     than 10 s. A connection with requests under way is found dead sooner, by the request timeout
 * @param pingTimeout how long a peer may take to give that sign
 * @param credentials how the channel is secured; {@link #withTls} makes them from files
 * @param callCredentials by which the client says who it is; {@code null} if it does not
 */
public record RemoteOptions(
        String clientName,
        String clusterId,
        String clusterName,
        int group,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration pingInterval,
        Duration pingTimeout,
        ChannelCredentials credentials,
        @Nullable CallCredentials callCredentials) {

    public RemoteOptions {
        requirePositive(connectTimeout, "connectTimeout");
        requirePositive(requestTimeout, "requestTimeout");
        requirePositive(pingInterval, "pingInterval");
        requirePositive(pingTimeout, "pingTimeout");
    }

    /** Any cluster, its first group, 1 s to connect, 1.5 s for a request, a ping after 10 s, and no TLS. */
    public static RemoteOptions named(String clientName) {
        return new RemoteOptions(
                clientName,
                "",
                "",
                0,
                Duration.ofSeconds(1),
                Duration.ofMillis(1500),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                InsecureChannelCredentials.create(),
                null);
    }

    public RemoteOptions withClusterId(String id) {
        return new RemoteOptions(
                clientName,
                id,
                clusterName,
                group,
                connectTimeout,
                requestTimeout,
                pingInterval,
                pingTimeout,
                credentials,
                callCredentials);
    }

    public RemoteOptions withClusterName(String name) {
        return new RemoteOptions(
                clientName,
                clusterId,
                name,
                group,
                connectTimeout,
                requestTimeout,
                pingInterval,
                pingTimeout,
                credentials,
                callCredentials);
    }

    public RemoteOptions withGroup(int number) {
        return new RemoteOptions(
                clientName,
                clusterId,
                clusterName,
                number,
                connectTimeout,
                requestTimeout,
                pingInterval,
                pingTimeout,
                credentials,
                callCredentials);
    }

    public RemoteOptions withConnectTimeout(Duration timeout) {
        return new RemoteOptions(
                clientName,
                clusterId,
                clusterName,
                group,
                timeout,
                requestTimeout,
                pingInterval,
                pingTimeout,
                credentials,
                callCredentials);
    }

    public RemoteOptions withRequestTimeout(Duration timeout) {
        return new RemoteOptions(
                clientName,
                clusterId,
                clusterName,
                group,
                connectTimeout,
                timeout,
                pingInterval,
                pingTimeout,
                credentials,
                callCredentials);
    }

    public RemoteOptions withPing(Duration interval, Duration timeout) {
        return new RemoteOptions(
                clientName,
                clusterId,
                clusterName,
                group,
                connectTimeout,
                requestTimeout,
                interval,
                timeout,
                credentials,
                callCredentials);
    }

    public RemoteOptions withCredentials(ChannelCredentials secured) {
        return new RemoteOptions(
                clientName,
                clusterId,
                clusterName,
                group,
                connectTimeout,
                requestTimeout,
                pingInterval,
                pingTimeout,
                secured,
                callCredentials);
    }

    /**
     * Sends a token with each connection, so that the peer knows who this client is. Without TLS it is sent to loopback only;
     * elsewhere, every request is {@code FORBIDDEN}.
     *
     * @param token asked anew for each connection, on a thread of the network, so it must return soon. If it throws, the
     *     connection fails, and is tried again
     */
    public RemoteOptions withToken(Supplier<String> token) {
        return withCallCredentials(new TokenCredentials(token, false));
    }

    /** The same, in the clear to any address if there is no TLS: whoever listens on the way can then pose as this client. */
    public RemoteOptions withInsecureToken(Supplier<String> token) {
        return withCallCredentials(new TokenCredentials(token, true));
    }

    public RemoteOptions withCallCredentials(@Nullable CallCredentials identity) {
        return new RemoteOptions(
                clientName,
                clusterId,
                clusterName,
                group,
                connectTimeout,
                requestTimeout,
                pingInterval,
                pingTimeout,
                credentials,
                identity);
    }

    /**
     * Over TLS, with files that are read now and followed from then on.
     *
     * @throws UncheckedIOException if they cannot be used; the message says which, and why
     */
    public RemoteOptions withTls(Tls tls) {
        try {
            return withCredentials(TlsMaterial.load(tls).channelCredentials());
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static void requirePositive(Duration duration, String name) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(name + " must be positive: " + duration);
        }
    }
}
