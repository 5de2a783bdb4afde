package dev.holdfast.server.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.remote.RemoteTransport;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import dev.holdfast.node.NodeMetrics;
import dev.holdfast.server.CommandProcess;
import dev.holdfast.server.process.LoopbackMembers;
import dev.holdfast.server.shell.ExitCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code holdfast node} as users run it: as a process. */
class NodeCommandIT {
    private static final LockOwner ALICE = Holdfast.createLockOwner("worker").of("alice");
    private static final Lockable THING = Holdfast.createLockable("thing").of();

    @TempDir
    Path folder;

    private final List<CommandProcess> started = new ArrayList<>();
    private List<Member> members;
    private Path config;

    @BeforeEach
    void write_config() throws IOException {
        members = LoopbackMembers.find(List.of("a", "b", "c"));
        config = Files.writeString(
                folder.resolve("node.conf"),
                "holdfast.members = \"" + members.stream().map(Member::toString).collect(Collectors.joining(","))
                        + "\"\nholdfast.data = ${holdfast.id}\n");
    }

    @AfterEach
    void kill_all() {
        started.forEach(CommandProcess::close);
    }

    private CommandProcess start(String id, String... more) throws IOException {
        List<Object> arguments = new ArrayList<>(List.of("node", "--config", config, "-Dholdfast.id=" + id));
        arguments.addAll(List.of(more));
        CommandProcess process = CommandProcess.start(arguments.toArray());
        started.add(process);
        return process;
    }

    @Test
    @Tag("long")
    void a_leader_that_is_told_to_stop_hands_over_and_callers_go_on() throws Exception {
        Map<HostPort, CommandProcess> nodes = new LinkedHashMap<>();
        for (Member member : members) {
            nodes.put(new HostPort(member.host(), member.clientPort()), start(member.id()));
        }
        nodes.values().forEach(node -> node.awaitOut(" ready: "));
        RemoteTransport transport = RemotePeers.leader(List.copyOf(nodes.keySet()), RemoteOptions.named("caller"));
        try (HoldfastClient client = Holdfast.client(
                transport,
                ClientOptions.defaults()
                        .sessionLease(CommandProcess.PATIENCE)
                        .requestTimeout(CommandProcess.PATIENCE))) {
            HoldfastLock lock = client.createLock();
            assertThat(lock.acquire(ALICE, THING).acquired()).isTrue();
            HostPort led = transport.believedLeader();
            CommandProcess leader = nodes.get(led);

            leader.terminate();
            assertThat(leader.awaitExitCode()).isZero();
            lock.release(ALICE, THING);

            assertThat(lock.isLocked(THING)).isFalse();
            assertThat(transport.believedLeader()).isNotEqualTo(led);
            assertThat(leader.out)
                    .singleElement()
                    .asString()
                    .matches("holdfast node [abc] ready: raft 127\\.0\\.0\\.1:\\d+, clients " + led
                            + ", cluster [0-9a-f-]{36}");
        }
    }

    @Test
    @Tag("long")
    void one_that_waits_for_the_others_says_so_and_stops_when_it_is_told_to() throws Exception {
        CommandProcess alone = start("a");
        alone.awaitErr("have to be there once, and b, c are missing");
        alone.terminate();
        assertThat(alone.awaitExitCode()).isZero();
        assertThat(alone.out).isEmpty();
    }

    @Test
    @Tag("long")
    void one_that_is_removed_ends_and_is_refused_with_a_status_that_no_restart_follows() throws Exception {
        List<CommandProcess> nodes = new ArrayList<>();
        for (Member member : members) {
            nodes.add(start(member.id()));
        }
        nodes.forEach(node -> node.awaitOut(" ready: "));
        CommandProcess removal = CommandProcess.start(
                "members",
                "--servers",
                members.get(0).clientAddress().toString(),
                "--timeout",
                "2m",
                "remove",
                "c",
                "--force");
        started.add(removal);
        assertThat(removal.awaitExitCode()).describedAs("%s", removal.err).isZero();

        assertThat(nodes.get(2).awaitExitCode()).isEqualTo(ExitCode.REMOVED);
        CommandProcess again = start("c");
        assertThat(again.awaitExitCode()).isEqualTo(ExitCode.REMOVED);
        again.awaitErr("was removed from its cluster");
        assertThat(Files.readString(Path.of("../config/holdfast.service")))
                .contains("RestartPreventExitStatus=" + ExitCode.REMOVED + " " + ExitCode.CONFIG + "\n");
    }

    @Test
    // The URL is this test's own.
    @SuppressWarnings("BanJNDI")
    void its_metrics_are_shown_over_jmx_and_http_if_the_configuration_says_so() throws Exception {
        List<Integer> ports = FreePorts.find(2);
        int port = ports.get(0);
        String http = "127.0.0.1:" + ports.get(1);
        CommandProcess alone = CommandProcess.startWith(
                List.of(
                        "-Dcom.sun.management.jmxremote.port=" + port,
                        "-Dcom.sun.management.jmxremote.rmi.port=" + port,
                        "-Dcom.sun.management.jmxremote.host=127.0.0.1",
                        "-Djava.rmi.server.hostname=127.0.0.1",
                        "-Dcom.sun.management.jmxremote.authenticate=false",
                        "-Dcom.sun.management.jmxremote.ssl=false"),
                "node",
                "--config",
                config,
                "-Dholdfast.id=a",
                "-Dholdfast.members=" + members.get(0),
                "-Dholdfast.http.listen=" + http,
                "-Dholdfast.jmx=true");
        started.add(alone);
        alone.awaitOut(", http http://" + http + "/, cluster ");
        await().atMost(CommandProcess.PATIENCE)
                .untilAsserted(() -> assertThat(get(http, "/health/ready")).isEqualTo("peer a is ready\n"));
        assertThat(get(http, "/metrics")).contains("holdfast_ready{cluster=\"holdfast\",peer=\"a\"} 1.0");
        JMXServiceURL url = new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi");
        try (JMXConnector connector = JMXConnectorFactory.connect(url)) {
            assertThat(connector.getMBeanServerConnection().queryNames(new ObjectName("dev.holdfast:*"), null))
                    .extracting(name -> name.getKeyProperty("name"))
                    .contains(NodeMetrics.PREFIX + "clients");
        }
    }

    private static String get(String address, String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address + path)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    @Test
    void a_wrong_configuration_is_reported_in_one_line() throws Exception {
        CommandProcess wrong = start("a", "-Dholdfast.drain-timeout=soon");
        assertThat(wrong.awaitExitCode()).isEqualTo(78);
        wrong.awaitErr("holdfast: ");
        assertThat(wrong.err)
                .containsExactly(
                        "holdfast: system property -Dholdfast.drain-timeout: holdfast.drain-timeout is \"soon\";"
                                + " allowed: a duration from 1 s to 10 min, with its unit: ms, s or min");
        assertThat(wrong.out).isEmpty();
    }

    @Test
    @Tag("long")
    void a_port_that_is_taken_is_reported_in_one_line() throws Exception {
        String alone = "-Dholdfast.members=" + members.get(0);
        start("a", alone).awaitOut(" ready: ");
        CommandProcess second = start("a", alone, "-Dholdfast.data=elsewhere");
        assertThat(second.awaitExitCode()).isEqualTo(74);
        second.awaitErr("holdfast: node a cannot start: ");
        assertThat(second.err).singleElement().asString().contains("Address already in use");
    }

    @Test
    @Tag("long")
    void a_folder_of_another_peer_is_reported_in_one_line() throws Exception {
        CommandProcess first = start("a");
        first.awaitErr("the cluster is not born yet");
        assertRefusedFolder("is in use by another peer");

        first.terminate();
        assertThat(first.awaitExitCode()).isZero();
        assertRefusedFolder("was made for peer \"a\"");
    }

    /** Starts b in the folder of a. */
    private void assertRefusedFolder(String why) throws Exception {
        CommandProcess other = start("b", "-Dholdfast.data=a");
        assertThat(other.awaitExitCode()).isEqualTo(74);
        other.awaitErr("holdfast: node b cannot start: ");
        assertThat(other.err).singleElement().asString().contains(why);
    }
}
