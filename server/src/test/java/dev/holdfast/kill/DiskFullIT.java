package dev.holdfast.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log cannot grow any more: the peer stops and says so, and what it acknowledged is there when it comes back. */
@Tag("long")
class DiskFullIT {
    /** In KiB: a little above the log's first preallocation, so the peer starts, works, and then fails to write. */
    private static final int FILE_SIZE_LIMIT_KIB = 4200;

    @TempDir
    Path folder;

    @Test
    void a_peer_that_cannot_write_its_log_stops_loudly_and_loses_nothing_acknowledged() throws Exception {
        Path shell = Path.of("/bin/bash");
        if (!Files.isExecutable(shell)) {
            System.out.println("SKIPPED: there is no bash to limit the size of files with");
            Assumptions.abort("no bash");
        }
        try (ProcessCluster cluster = ProcessCluster.ofOne(folder)) {
            ProcessPeer limited = cluster.start(
                    "p0",
                    List.of(shell.toString(), "-c", "ulimit -f " + FILE_SIZE_LIMIT_KIB + "; exec \"$@\"", "limited"));
            limited.say("fill");
            limited.awaitLine(line -> line.startsWith("FAILED"));
            assertThat(limited.jvm().awaitEnd(ProcessCluster.PATIENCE)).isEqualTo(3);
            List<String> acknowledged = acknowledged(limited);
            assertThat(acknowledged).hasSizeGreaterThan(100);

            ProcessPeer restarted = cluster.start("p0");
            restarted.ask("list", "LISTED"::equals);
            assertThat(acknowledged(restarted)).containsAll(acknowledged);
        }
    }

    private static List<String> acknowledged(ProcessPeer peer) {
        return peer.lines().stream().filter(line -> line.startsWith("F ")).toList();
    }
}
