package dev.holdfast.server.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.Member;
import dev.holdfast.server.CommandProcess;
import dev.holdfast.server.CommandRun;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code holdfast cluster} as users run it: as a process. */
class ClusterCommandIT {
    @TempDir
    Path folder;

    private List<Member> members;
    private CommandProcess cluster;
    private List<ProcessHandle> nodes = List.of();

    @BeforeEach
    void find_members() throws IOException {
        members = LoopbackMembers.find(List.of("a", "b", "c"));
    }

    @AfterEach
    void kill_all() {
        nodes.forEach(ProcessHandle::destroyForcibly);
        if (cluster != null) {
            cluster.close();
        }
    }

    private void start() throws IOException {
        cluster = CommandProcess.start(
                "cluster",
                "--data",
                folder,
                "--members",
                members.stream().map(Member::toString).collect(Collectors.joining(",")));
    }

    private void startAndAwaitReady() throws IOException {
        start();
        cluster.awaitOut(
                "holdfast cluster ready: clients 127.0.0.1:" + members.get(0).clientPort() + ", ");
        nodes = cluster.handle().children().toList();
        assertThat(nodes).hasSize(3);
    }

    private void awaitNoNode() {
        await().atMost(CommandProcess.PATIENCE).until(() -> nodes.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    @Tag("long")
    void one_signal_stops_all() throws Exception {
        startAndAwaitReady();
        assertThat(cluster.out)
                .filteredOn(line -> line.contains(" | "))
                .hasSize(3)
                .allMatch(line -> line.matches("([abc]) \\| holdfast node \\1 ready: .*"));
        stopAll();
        assertThat(folder)
                .isDirectoryContaining(path -> path.endsWith("a"))
                .isDirectoryContaining(path -> path.endsWith("cluster.conf"));
    }

    @Test
    @Tag("long")
    void it_starts_again_with_the_data_that_it_had() throws Exception {
        startAndAwaitReady();
        stopAll();
        startAndAwaitReady();
        stopAll();
    }

    @Test
    @Tag("long")
    void with_tls_its_certificates_are_made_on_the_spot_and_again_at_the_next_start() throws Exception {
        for (int starts = 0; starts < 2; starts++) {
            cluster = CommandProcess.start(
                    "cluster",
                    "--tls",
                    "--data",
                    folder,
                    "--members",
                    members.stream().map(Member::toString).collect(Collectors.joining(",")));
            cluster.awaitOut("holdfast cluster ready: clients 127.0.0.1:"
                    + members.get(0).clientPort() + ", ");
            nodes = cluster.handle().children().toList();
            Path certificates = folder.resolve("certs");
            CommandRun status = CommandRun.of(
                            "status",
                            "--servers",
                            "127.0.0.1:" + members.get(0).clientPort(),
                            "--ca",
                            certificates.resolve("ca.pem"),
                            "--cert",
                            certificates.resolve("client-admin.pem"),
                            "--key",
                            certificates.resolve("client-admin.key"))
                    .ended(0);
            assertThat(status.out())
                    .filteredOn(line -> line.contains("TLS for 364 days, open"))
                    .hasSize(3);
            stopAll();
        }
    }

    private void stopAll() throws Exception {
        cluster.terminate();
        assertThat(cluster.awaitExitCode())
                .describedAs("errors %s", cluster.err)
                .isZero();
        awaitNoNode();
    }

    @Test
    @Tag("long")
    void its_nodes_do_not_outlive_it() throws Exception {
        startAndAwaitReady();
        cluster.kill();
        awaitNoNode();
    }

    @Test
    @Tag("long")
    void the_others_keep_running_when_one_dies() throws Exception {
        startAndAwaitReady();
        nodes.get(0).destroyForcibly();
        cluster.awaitErr("ended on its own, with exit code 137; the others keep running");
        assertThat(nodes.subList(1, 3)).allMatch(ProcessHandle::isAlive);
        cluster.terminate();
        assertThat(cluster.awaitExitCode()).isEqualTo(1);
        awaitNoNode();
    }

    @Test
    void ports_that_are_taken_are_reported_in_one_line() throws Exception {
        try (ServerSocket taken =
                new ServerSocket(members.get(1).clientPort(), 1, InetAddress.getByName("127.0.0.1"))) {
            start();
            assertThat(cluster.awaitExitCode()).isEqualTo(74);
            cluster.awaitErr("holdfast: ");
            assertThat(cluster.err)
                    .containsExactly(
                            "holdfast: the cluster cannot start: 127.0.0.1:" + taken.getLocalPort()
                                    + " is in use. Is the cluster running already? Use --members and --http-port for other ports");
        }
    }
}
