package dev.holdfast.server.serve;

import dev.holdfast.certs.Validity;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.server.credentials.CertificateFolder;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the nodes of a cluster as children of this process, on this machine. */
@Command(
        name = "cluster",
        description = {
            "Runs a cluster of three nodes on this machine, each a process, until Ctrl-C or SIGTERM.",
            "Clients reach it at 127.0.0.1:7201, 127.0.0.1:7202 and 127.0.0.1:7203. Each node serves a page for"
                    + " browsers, the same as JSON, its health and its metrics over HTTP, at 127.0.0.1:7301, 127.0.0.1:7302 and"
                    + " 127.0.0.1:7303."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped as asked, and so did all nodes",
            "1:a node ended on its own, or not cleanly",
            "2:wrong usage",
            "74:a port or the data folder cannot be used"
        })
public final class ClusterCommand implements Callable<Integer> {
    private static final String MEMBERS = "a=127.0.0.1:7101:7201,b=127.0.0.1:7102:7202,c=127.0.0.1:7103:7203";

    private static final int HTTP_PORT = 7301;
    private static final int PORT_MAX = 65_535;

    /** The client that a certificate is made for. */
    private static final String CLIENT = "admin";

    private static final int AUTHORITY_DAYS = 3650;
    private static final int CERTIFICATE_DAYS = 365;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description = "The folder for the data of all nodes and their configuration. Default: ${DEFAULT-VALUE}")
    private Path data = Path.of("");

    @Option(
            names = "--members",
            split = ",",
            paramLabel = "ID=HOST:RAFT-PORT:CLIENT-PORT",
            defaultValue = MEMBERS,
            description = "Other members, on loopback. Default: ${DEFAULT-VALUE}")
    private String[] memberTexts = {};

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Where the first node serves HTTP; the others have the next ports. 0 for no HTTP. Default: "
                    + HTTP_PORT + ", and no HTTP with --members")
    private @Nullable Integer httpPort;

    @Option(
            names = "--groups",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of Raft groups over which locks are spread; fixed at the first start. Default:"
                    + " ${DEFAULT-VALUE}")
    private int groups = 1;

    @Option(
            names = "--tls",
            description =
                    "Let members and clients talk over TLS, with certificates that are made on the spot, in DIR/certs.")
    private boolean tls;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        StopSignal stop = StopSignal.listening();
        List<Member> members = members();
        checkGroups();
        List<Integer> httpPorts = httpPorts(members.size());
        List<NodeProcess> nodes = new ArrayList<>();
        try {
            checkPorts(members, httpPorts);
            Path config = writeConfig(members);
            for (int i = 0; i < members.size(); i++) {
                nodes.add(NodeProcess.start(members.get(i), config, httpPorts.get(i)));
            }
        } catch (IOException e) {
            say("the cluster cannot start: " + Messages.of(e));
            NodeProcess.stop(nodes);
            return ExitCode.UNUSABLE;
        }
        announce(members, nodes, httpPorts.get(0));
        nodes.forEach(node -> node.ended().thenAccept(code -> tellEnd(stop, node, code)));
        CompletableFuture.anyOf(stop.asked(), allEnded(nodes)).join();
        boolean asked = stop.isAsked();
        boolean allWereUp = nodes.stream().noneMatch(node -> node.ended().isDone());
        // In reverse, one after the other: each that leads hands over to one that goes on.
        Collections.reverse(nodes);
        return NodeProcess.stop(nodes) && asked && allWereUp ? ExitCode.DONE : ExitCode.FAILED;
    }

    private List<Member> members() {
        try {
            List<Member> members =
                    List.of(memberTexts).stream().map(Member::parse).toList();
            members.stream().filter(member -> !member.isLoopback()).findFirst().ifPresent(member -> {
                throw new IllegalArgumentException("member " + member + " is not on loopback");
            });
            return members;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** One for each node; 0 for no HTTP. */
    private List<Integer> httpPorts(int nodes) {
        boolean standard = Arrays.equals(memberTexts, MEMBERS.split(","));
        int first = httpPort == null ? (standard ? HTTP_PORT : 0) : httpPort;
        if (first < 0 || first + nodes - 1 > PORT_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--http-port is " + first + "; allowed: 0, or 1 to " + (PORT_MAX - nodes + 1) + ", as there are "
                            + nodes + " nodes");
        }
        return IntStream.range(0, nodes)
                .mapToObj(i -> first == 0 ? 0 : first + i)
                .toList();
    }

    private void checkGroups() {
        if (groups < 1 || groups > KeyGroups.MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--groups is " + groups + "; allowed: 1 to " + KeyGroups.MAX);
        }
    }

    /** Clearer than three nodes that each report their own. */
    private static void checkPorts(List<Member> members, List<Integer> httpPorts) throws IOException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            for (int port : List.of(member.raftPort(), member.clientPort(), httpPorts.get(i))) {
                if (port == 0) {
                    continue;
                }
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(InetAddress.getByName(member.host()), port));
                } catch (IOException e) {
                    taken.add(new HostPort(member.host(), port).toString());
                }
            }
        }
        if (!taken.isEmpty()) {
            throw new IOException(String.join(", ", taken) + (taken.size() == 1 ? " is" : " are")
                    + " in use. Is the cluster running already? Use --members and --http-port for other ports");
        }
    }

    /** Writes the nodes' configuration, the same for all, so that each can be started by hand too. */
    private Path writeConfig(List<Member> members) throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "# Written by 'holdfast cluster' at each start. To start one node by hand:",
                "#   holdfast node --config THIS-FILE -Dholdfast.id="
                        + members.get(0).id(),
                "holdfast {",
                "  members = ["));
        members.forEach(member -> lines.add("    \"" + member + "\""));
        lines.addAll(List.of("  ]", "  data = ${holdfast.id}", "  groups = " + groups));
        Files.createDirectories(data);
        if (tls) {
            makeCertificates(members);
            lines.addAll(List.of(
                    "  tls.members {",
                    "    certificate = \"certs/member-\"${holdfast.id}\".pem\"",
                    "    key = \"certs/member-\"${holdfast.id}\".key\"",
                    "    trust = \"certs/ca.pem\"",
                    "  }"));
        }
        lines.add("}");
        return Files.write(data.resolve("cluster.conf"), lines);
    }

    /** New ones at each start, of the authority that was made at the first. */
    private void makeCertificates(List<Member> members) throws IOException {
        Path folder = certificates();
        CertificateFolder made = CertificateFolder.exists(folder)
                ? CertificateFolder.open(folder)
                : CertificateFolder.create(folder, "holdfast cluster in " + data, Validity.ofDays(AUTHORITY_DAYS));
        Validity year = Validity.ofDays(CERTIFICATE_DAYS);
        for (Member member : members) {
            made.member(member.id(), List.of(member.host()), year, true);
        }
        made.client(CLIENT, year, true);
    }

    private Path certificates() {
        return data.resolve("certs");
    }

    /** How the shell reaches it. */
    private String forClients() {
        Path folder = certificates();
        return tls
                ? "; for the shell: export HOLDFAST_CA=" + folder.resolve("ca.pem") + " HOLDFAST_CERT="
                        + folder.resolve("client-" + CLIENT + ".pem") + " HOLDFAST_CERT_KEY="
                        + folder.resolve("client-" + CLIENT + ".key")
                : "";
    }

    /** Where a browser finds it. */
    private String forPeople(int port) {
        return port == 0 ? "" : "; page " + (tls ? "https" : "http") + "://127.0.0.1:" + port + "/";
    }

    private void announce(List<Member> members, List<NodeProcess> nodes, int httpPort) {
        String clients = members.stream()
                .map(member -> member.clientAddress().toString())
                .collect(Collectors.joining(", "));
        CompletableFuture.allOf(nodes.stream().map(NodeProcess::ready).toArray(CompletableFuture<?>[]::new))
                .thenRun(() -> System.out.println("holdfast cluster ready: clients " + clients + forPeople(httpPort)
                        + forClients() + "; Ctrl-C stops it"));
    }

    private static CompletableFuture<Void> allEnded(List<NodeProcess> nodes) {
        return CompletableFuture.allOf(nodes.stream().map(NodeProcess::ended).toArray(CompletableFuture<?>[]::new));
    }

    private static void tellEnd(StopSignal stop, NodeProcess node, int code) {
        if (!stop.isAsked()) {
            say("node " + node.id() + " ended on its own, with exit code " + code + "; the others keep running");
        }
    }

    private static void say(String what) {
        System.err.println("holdfast: " + what);
    }
}
