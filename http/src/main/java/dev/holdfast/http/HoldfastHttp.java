package dev.holdfast.http;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.http.internal.AddressLimit;
import dev.holdfast.http.internal.Desk;
import dev.holdfast.http.internal.HealthAnswers;
import dev.holdfast.http.internal.MetricsAnswers;
import dev.holdfast.http.internal.PeerSslContextFactory;
import dev.holdfast.http.internal.PlainErrors;
import dev.holdfast.http.internal.api.Api;
import dev.holdfast.node.Doorkeeper;
import dev.holdfast.node.HoldfastNode;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * Serves what a peer shows over HTTP, on a port of its own:
 *
 * <table>
 * <caption>What there is</caption>
 * <tr><td>{@code /health/live}</td><td>200 while the peer goes on by itself, else 503 and why</td></tr>
 * <tr><td>{@code /health/ready}</td><td>200 while callers are served at this peer, else 503 and why</td></tr>
 * <tr><td>{@code /ui}</td><td>a page for people: members, locks, who waits for whom, sessions</td></tr>
 * <tr><td>{@code /v1/}</td><td>the same as JSON, for programs, which can hold locks by it</td></tr>
 * <tr><td>{@code /metrics}</td><td>what the peer, Ratis and the JVM measure, as Prometheus or OpenMetrics text</td></tr>
 * </table>
 *
 * <p>It speaks TLS if the peer's port for clients does, with the same certificates. Health is for everybody, as probes have no credentials.
 * Where callers have to be known, all else but the page's own files takes a token or a certificate, as at the port for clients. The metrics
 * take somebody who may read about all locks. Of the page and the JSON, the leader shows and does what the one who asks may. Nothing
 * here is on the path of a grant to others. It has a few threads of its own, and a call that waits takes none.
 *
 * <p>All methods may be called from any thread.
 *
 * <p>See {@code docs/adr/019-http-on-jetty.md}.
 */
public final class HoldfastHttp implements AutoCloseable {
    private static final int THREADS_MAX = 8;
    private static final int WORKERS = 4;

    /** Those with a request that waits are not among them. */
    private static final int CONNECTIONS_MAX = 2048;

    private static final int CONNECTIONS_PER_ADDRESS_MAX = 512;
    private static final int ACCEPT_QUEUE = 512;
    private static final long END_S = 1;
    private static final long IDLE_TIMEOUT_MS = 10_000;
    private static final int HEADER_BYTES_MAX = 8 << 10;

    private final Server server;
    private final ServerConnector connector;
    private final Api api;
    private final ExecutorService workers;
    private final String host;
    private final boolean secure;

    private HoldfastHttp(
            Server server, ServerConnector connector, Api api, ExecutorService workers, String host, boolean secure) {
        this.api = api;
        this.workers = workers;
        this.host = host;
        this.server = server;
        this.connector = connector;
        this.secure = secure;
    }

    /**
     * Begins to serve. The node stays the caller's, and is to be closed later than this.
     *
     * @param registry that was given to the node
     * @param host on which to listen. Off loopback it takes TLS, or a node that was told to be insecure
     * @param port 0 for any that is free
     * @throws IllegalArgumentException if the host is not permitted
     * @throws IOException if the address is not known here, or taken
     */
    public static HoldfastHttp start(HoldfastNode node, MetricRegistry registry, String host, int port)
            throws IOException {
        Objects.requireNonNull(host, "host");
        Doorkeeper doorkeeper = node.doorkeeper();
        Supplier<SSLEngine> tls = doorkeeper.tls();
        InetAddress address = address(host);
        if (tls == null && !address.isLoopbackAddress() && !doorkeeper.isInsecure()) {
            throw new IllegalArgumentException("HTTP at " + host
                    + " could be read by anybody on the way: give the peer TLS for its clients, which HTTP uses too, or let it"
                    + " listen on 127.0.0.1");
        }
        QueuedThreadPool threads = new QueuedThreadPool(THREADS_MAX, 1);
        threads.setName("holdfast-http");
        threads.setDaemon(true);
        Server server = new Server(threads);
        ServerConnector connector = connector(server, tls, doorkeeper.requiresCertificate());
        // What was checked, even if the name means something else a moment later.
        connector.setHost(address.getHostAddress());
        connector.setPort(port);
        connector.setIdleTimeout(IDLE_TIMEOUT_MS);
        server.addConnector(connector);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        AddressLimit connections = new AddressLimit(CONNECTIONS_PER_ADDRESS_MAX, CONNECTIONS_MAX);
        connector.addBean(connections);
        server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX + Api.WAITING_MAX, server));
        ExecutorService workers = workers();
        Api api = new Api(node, registry, workers);
        server.setHandler(new Desk(
                doorkeeper,
                Stream.of(host, node.member().host())
                        .map(each -> each.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet()),
                tls != null,
                new HealthAnswers(node),
                new MetricsAnswers(node, registry),
                api,
                connections));
        server.setErrorHandler(new PlainErrors());
        // Connections that are kept alive are not to be waited for; what is under way may end unanswered.
        server.setStopTimeout(0);
        HoldfastHttp http = new HoldfastHttp(server, connector, api, workers, host, tls != null);
        try {
            server.start();
            return http;
        } catch (Exception e) {
            http.close();
            Throwable cause = e.getCause() instanceof BindException bind ? bind : e;
            throw new IOException("HTTP cannot be served at " + host + ":" + port + ": " + cause.getMessage(), e);
        }
    }

    private static InetAddress address(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("the host " + host + ", on which HTTP is to listen, is unknown", e);
        }
    }

    private static ServerConnector connector(
            Server server, @Nullable Supplier<SSLEngine> tls, boolean requiresCertificate) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setRequestHeaderSize(HEADER_BYTES_MAX);
        HttpConnectionFactory http = new HttpConnectionFactory(configuration);
        if (tls == null) {
            return new ServerConnector(server, 1, 1, http);
        }
        configuration.addCustomizer(new SecureRequestCustomizer(/* sniHostCheck= */ false));
        SslConnectionFactory ssl =
                new SslConnectionFactory(new PeerSslContextFactory(tls, requiresCertificate), http.getProtocol());
        return new ServerConnector(server, 1, 1, ssl, http);
    }

    /** What waits is bounded: each connection has one request at a time, and each request one for each group. */
    private static ExecutorService workers() {
        return Executors.newFixedThreadPool(WORKERS, task -> {
            Thread thread = new Thread(task, "holdfast-http-work");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The port that it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Where it is reached, as far as it knows: {@code http://127.0.0.1:7301/} or the like. */
    public String url() {
        return (secure ? "https://" : "http://") + new HostPort(host, port()) + "/";
    }

    /** Stops to serve: what is being answered is cut off. Blocks for a moment. Closing again does nothing. */
    @Override
    public void close() {
        api.close();
        try {
            server.stop();
            workers.shutdown();
            if (!workers.awaitTermination(END_S, TimeUnit.SECONDS)) {
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("HTTP could not be stopped", e);
        } finally {
            workers.shutdownNow();
        }
    }
}
