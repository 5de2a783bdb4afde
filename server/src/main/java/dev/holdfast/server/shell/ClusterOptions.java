package dev.holdfast.server.shell;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.HostPort;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the cluster is, and how long to wait for it. */
public final class ClusterOptions {
    private static final String LOCAL = "127.0.0.1:7201,127.0.0.1:7202,127.0.0.1:7203";

    /** Enough for an election and for finding the new leader, by a JVM that is cold. */
    private static final String TIMEOUT = "15s";

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
            description = "How long to wait for the cluster to answer a request, such as 500ms, 30s, 5m. Default:"
                    + " $$HOLDFAST_TIMEOUT, or else " + TIMEOUT + ".")
    private Duration timeout = Duration.ZERO;

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

    /** A client of that name. */
    public HoldfastClient connect(String client) {
        ClientOptions options = ClientOptions.defaults().name(client).requestTimeout(timeout());
        return Holdfast.connect(servers, name.isEmpty() ? options : options.clusterName(name));
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

    String servers() {
        return servers;
    }

    boolean isVerbose() {
        return verbose;
    }
}
