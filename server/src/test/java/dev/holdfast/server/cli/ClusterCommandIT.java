package dev.holdfast.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterCommandIT {
    @TempDir
    Path folder;

    private List<Integer> ports;
    private CommandProcess cluster;
    private List<ProcessHandle> nodes = List.of();

    @BeforeEach
    void find_ports() throws IOException {
        ports = FreePorts.find(6);
    }

    @AfterEach
    void kill_all() {
        nodes.forEach(ProcessHandle::destroyForcibly);
        if (cluster != null) {
            cluster.close();
        }
    }

    private void start() throws IOException {
        String members = "a=127.0.0.1:%d:%d,b=127.0.0.1:%d:%d,c=127.0.0.1:%d:%d".formatted(ports.toArray());
        cluster = CommandProcess.start("cluster", "--data", folder, "--members", members);
    }

    private void startAndAwaitReady() throws IOException {
        start();
        cluster.awaitOut("holdfast cluster ready: clients 127.0.0.1:" + ports.get(1) + ", ");
        nodes = cluster.handle().children().toList();
        assertThat(nodes).hasSize(3);
    }

    private void awaitNoNode() {
        await().atMost(CommandProcess.PATIENCE).until(() -> nodes.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void one_signal_stops_all_and_it_starts_again_with_what_it_had() throws Exception {
        for (int round = 0; round < 2; round++) {
            startAndAwaitReady();
            assertThat(cluster.out)
                    .filteredOn(line -> line.contains(" | "))
                    .hasSize(3)
                    .allMatch(line -> line.matches("([abc]) \\| holdfast node \\1 ready: .*"));
            cluster.terminate();
            assertThat(cluster.awaitExitCode()).isZero();
            awaitNoNode();
        }
        assertThat(folder)
                .isDirectoryContaining(path -> path.endsWith("a"))
                .isDirectoryContaining(path -> path.endsWith("cluster.conf"));
    }

    @Test
    void its_nodes_do_not_outlive_it() throws Exception {
        startAndAwaitReady();
        cluster.kill();
        awaitNoNode();
    }

    @Test
    void the_others_go_on_when_one_dies() throws Exception {
        startAndAwaitReady();
        nodes.get(0).destroyForcibly();
        cluster.awaitErr("ended by itself, with exit code 137; the others go on");
        assertThat(nodes.subList(1, 3)).allMatch(ProcessHandle::isAlive);
        cluster.terminate();
        assertThat(cluster.awaitExitCode()).isEqualTo(1);
        awaitNoNode();
    }

    @Test
    void ports_that_are_taken_are_told_in_one_line() throws Exception {
        try (ServerSocket taken = new ServerSocket(ports.get(3), 1, InetAddress.getByName("127.0.0.1"))) {
            start();
            assertThat(cluster.awaitExitCode()).isEqualTo(74);
            cluster.awaitErr("holdfast: ");
            assertThat(cluster.err)
                    .containsExactly("holdfast: the cluster cannot start: 127.0.0.1:" + taken.getLocalPort()
                            + " is in use. Does it run already? Others can be given with --members");
        }
    }
}
