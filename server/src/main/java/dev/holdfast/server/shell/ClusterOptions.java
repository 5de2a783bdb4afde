package dev.holdfast.server.shell;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.HostPort;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the cluster is, and how long it may take to answer. */
public final class ClusterOptions {
    private static final String LOCAL = "127.0.0.1:7201,127.0.0.1:7202,127.0.0.1:7203";
    /** Time for an election, and for finding whom it made leader, on a machine that is busy and with a JVM that is cold. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Option(
            names = {"-s", "--servers"},
            paramLabel = "HOST:PORT,...",
            defaultValue = "${env:HOLDFAST_SERVERS:-" + LOCAL + "}",
            description = "Where the peers serve clients. Else $$HOLDFAST_SERVERS, else the cluster that"
                    + " './holdfast cluster' starts: " + LOCAL + ".")
    private String servers = LOCAL;

    @Option(
            names = {"-v", "--verbose"},
            description = "Say more when something fails.")
    private boolean verbose;

    /** @throws dev.holdfast.client.errors.InvalidAddressException if what was given cannot be a list of addresses */
    public List<HostPort> addresses() {
        return HostPort.parseList(servers);
    }

    /** A client that calls itself so. */
    public HoldfastClient connect(String name) {
        return Holdfast.connect(servers, ClientOptions.defaults().name(name).requestTimeout(PATIENCE));
    }

    String servers() {
        return servers;
    }

    boolean isVerbose() {
        return verbose;
    }
}
