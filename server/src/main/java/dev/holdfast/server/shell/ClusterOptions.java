package dev.holdfast.server.shell;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the cluster is, and how long to wait for it. */
public final class ClusterOptions {
    private static final String LOCAL = "127.0.0.1:7201,127.0.0.1:7202,127.0.0.1:7203";

    /** Enough for an election and for finding the new leader, by a JVM that is cold. */
    private static final String TIMEOUT = "15s";

    /** For an attempt to reach a peer, and for its answer. */
    private static final Duration ATTEMPT_MIN = Duration.ofSeconds(2);

    @Option(
            names = {"-s", "--servers"},
            paramLabel = "HOST:PORT,...",
            defaultValue = "${env:HOLDFAST_SERVERS:-" + LOCAL + "}",
            description = "The client addresses of the peers. Default: $$HOLDFAST_SERVERS, or else the cluster that"
                    + " 'holdfast cluster' starts: " + LOCAL + ".")
    private String servers = LOCAL;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = "${env:HOLDFAST_CLUSTER:-}",
            description = "What the cluster at these addresses is called: peers of others are refused. Default:"
                    + " $$HOLDFAST_CLUSTER, or else any.")
    private String name = "";

    @Option(
            names = "--timeout",
            converter = Durations.class,
            paramLabel = "TIME",
            defaultValue = "${env:HOLDFAST_TIMEOUT:-" + TIMEOUT + "}",
            description =
                    "How long to wait for the cluster's answers, such as 500ms, 30s, 5m: for all of them, but for each"
                            + " page of a list, and for a hold and its release, anew. Default: $$HOLDFAST_TIMEOUT, or else "
                            + TIMEOUT + ".")
    private Duration timeout = Duration.ZERO;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            defaultValue = "${env:HOLDFAST_CA:-}",
            description =
                    "Talk to the cluster over TLS, and trust the roots in this file, in PEM. Default: $$HOLDFAST_CA, or else"
                            + " no TLS.")
    private String roots = "";

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            defaultValue = "${env:HOLDFAST_CERT:-}",
            description =
                    "The certificate by which peers know who you are, in PEM. Default: $$HOLDFAST_CERT, or else none.")
    private String certificate = "";

    @Option(
            names = "--key",
            paramLabel = "FILE",
            defaultValue = "${env:HOLDFAST_CERT_KEY:-}",
            description = "Its key, in PEM. Default: $$HOLDFAST_CERT_KEY, or else none.")
    private String key = "";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:HOLDFAST_TOKEN_FILE:-}",
            description =
                    "The file with the token by which peers know who you are. Default: $$HOLDFAST_TOKEN_FILE, or else the"
                            + " token in $$HOLDFAST_TOKEN, or else none.")
    private String tokenFile = "";

    /** When {@link #timeLeft} is over; {@code null} before it is first asked. */
    private @Nullable Long deadlineNanos;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-v", "--verbose"},
            description = "Print more when something fails.")
    private boolean verbose;

    /** @throws dev.holdfast.client.errors.InvalidAddressException if what was given cannot be a list of addresses */
    public List<HostPort> addresses() {
        return HostPort.parseList(servers);
    }

    /** A client of that name. Its requests have {@link #timeout} each, unless {@link #timeLeft} is given to them. */
    public HoldfastClient connect(String client) {
        // What is asked once may wait: a peer that is slow to connect or to answer is not given up for another, which
        // is slow, too.
        return connect(client, longer(timeout().dividedBy(3), ATTEMPT_MIN));
    }

    /** As {@link #connect}, for who holds something for long: a peer that hangs is given up in good time for the lease. */
    public HoldfastClient connectToHold(String client) {
        return connect(client, ATTEMPT_MIN);
    }

    private HoldfastClient connect(String client, Duration attempt) {
        ClientOptions options = ClientOptions.defaults().name(client).requestTimeout(timeout());
        if (!name.isEmpty()) {
            options = options.clusterName(name);
        }
        RemoteOptions remote = secured(RemoteOptions.named(options.name())
                .withClusterName(options.clusterName())
                .withConnectTimeout(attempt)
                .withRequestTimeout(attempt));
        return Holdfast.client(RemotePeers.cluster(addresses(), remote), options);
    }

    /**
     * The same, over TLS if that was asked for, and with what tells peers who this is.
     *
     * @throws java.io.UncheckedIOException if a file cannot be used; the message says which, and why
     */
    public RemoteOptions secured(RemoteOptions options) {
        return new Credentials(roots, certificate, key, tokenFile, System.getenv("HOLDFAST_TOKEN"), spec.commandLine())
                .addTo(options);
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    /** Whether a cluster of that name is meant; also if the name is empty, as it is when a peer does not tell. */
    public boolean isMeant(String cluster) {
        return name.isEmpty() || cluster.isEmpty() || cluster.equals(name);
    }

    /** What the cluster is called that is meant; empty for any. */
    public String name() {
        return name;
    }

    /** How long to wait for an answer, which is positive. */
    public Duration timeout() {
        if (timeout.isZero()) {
            throw new ParameterException(spec.commandLine(), "--timeout must be longer than 0");
        }
        return timeout;
    }

    /** What is left of the timeout for the whole command, which is positive. It runs from when this is first asked. */
    public Duration timeLeft() {
        long nowNanos = System.nanoTime();
        if (deadlineNanos == null) {
            deadlineNanos = nowNanos + timeout().toNanos();
        }
        return longer(Duration.ofNanos(deadlineNanos - nowNanos), Duration.ofMillis(1));
    }

    /** Has {@link #timeLeft} run anew, after time that was not the cluster's. */
    public void restartTime() {
        deadlineNanos = null;
    }

    String servers() {
        return servers;
    }

    boolean isVerbose() {
        return verbose;
    }
}
