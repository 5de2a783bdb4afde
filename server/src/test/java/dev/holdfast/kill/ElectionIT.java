package dev.holdfast.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Candidates in processes of their own, over three peers: whoever leads is suspended and killed, and so is the peer that leads. */
@Tag("long")
class ElectionIT {
    @TempDir
    Path folder;

    private static ChildJvm candidate(ProcessCluster cluster, String name) throws IOException, InterruptedException {
        ChildJvm child = ChildJvm.plan(name, CandidateMain.class)
                .jvmOptions("-Xmx128m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .arguments(cluster.servers(), name)
                .readyWhen("UP"::equals)
                .start();
        child.awaitReady(ProcessCluster.PATIENCE);
        return child;
    }

    /** For which term it leads; 0 if it does not. */
    private static long term(ChildJvm candidate) throws IOException, InterruptedException {
        String answer = candidate.ask("leads?", line -> line.startsWith("LEADS "), ProcessCluster.PATIENCE);
        return Long.parseLong(answer.substring("LEADS ".length()));
    }

    private static long awaitTerm(ChildJvm candidate) {
        return await().atMost(ProcessCluster.PATIENCE).until(() -> term(candidate), term -> term > 0);
    }

    @Test
    void there_is_a_next_leader_whoever_is_killed_or_suspended_and_the_last_one_knows() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, 0);
                ChildJvm first = candidate(cluster, "first")) {
            long firstTerm = awaitTerm(first);
            try (ChildJvm second = candidate(cluster, "second")) {
                assertThat(second.ask("who?", line -> line.startsWith("WHO "), ProcessCluster.PATIENCE))
                        .isEqualTo("WHO first");
                assertThat(term(second)).isZero();

                first.suspend();
                long secondTerm = awaitTerm(second);
                assertThat(secondTerm).isGreaterThan(firstTerm);
                first.resume();
                assertThat(term(first)).isZero();

                ProcessPeer peer = cluster.leader();
                cluster.kill(peer);
                cluster.start(peer.id()).awaitReady();
                await().atMost(ProcessCluster.PATIENCE).until(() -> term(first) + term(second) > 0);

                second.kill();
                assertThat(awaitTerm(first)).isGreaterThan(secondTerm);
            }
        }
    }
}
