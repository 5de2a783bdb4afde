package dev.holdfast.jepsen.cluster;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.ClusterTransport;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a client reaches a cluster, as one word of a command line: the addresses of its peers, and, if they speak TLS, where the
 * certificates are.
 */
public final class Reach {
    private static final String WITH = "?";

    static String of(String servers, @Nullable Path certificates) {
        return certificates == null ? servers : servers + WITH + certificates;
    }

    /** A client of the cluster that is reached so. */
    public static HoldfastClient connect(String reach, ClientOptions options) {
        Path certificates = certificates(reach);
        return Holdfast.connect(
                servers(reach),
                certificates == null ? options : options.tls(ClusterCertificates.ofClients(certificates)));
    }

    /** The peers of the cluster that is reached so. */
    public static ClusterTransport peers(String reach, RemoteOptions options) {
        Path certificates = certificates(reach);
        return RemotePeers.cluster(
                HostPort.parseList(servers(reach)),
                certificates == null ? options : options.withTls(ClusterCertificates.ofClients(certificates)));
    }

    private static String servers(String reach) {
        int end = reach.indexOf(WITH);
        return end < 0 ? reach : reach.substring(0, end);
    }

    private static @Nullable Path certificates(String reach) {
        int end = reach.indexOf(WITH);
        return end < 0 ? null : Path.of(reach.substring(end + WITH.length()));
    }

    private Reach() {}
}
