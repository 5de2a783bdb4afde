package dev.holdfast.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers are killed under load, with callers inside of every peer: nothing acknowledged is lost, nothing is doubled. */
@Tag("long")
class KillNineIT {
    private static final int CALLERS = 4;

    /** From when to when a caller believed to hold a key, on the one monotonic clock of this host. */
    private record Held(String key, long token, long fromNanos, long toNanos, String by) {}

    @TempDir
    Path folder;

    @Test
    void killing_the_leader_again_and_again_loses_no_hold_and_doubles_none() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, CALLERS)) {
            cluster.leader();
            for (ProcessPeer peer : cluster.running()) {
                peer.ask("keep kept-by-" + peer.id(), line -> line.startsWith("K "));
            }
            awaitProgress(cluster);

            for (int round = 0; round < 3; round++) {
                ProcessPeer leader = cluster.leader();
                cluster.kill(leader);
                awaitProgress(cluster);
                assertKeptHoldsStand(cluster);
                cluster.start(leader.id());
                awaitProgress(cluster);
            }
            assertSameStateEverywhere(cluster);
            assertNothingDoubled(cluster);
        }
    }

    @Test
    void killing_a_follower_is_noticed_by_nobody() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, CALLERS)) {
            ProcessPeer leader = cluster.leader();
            awaitProgress(cluster);
            ProcessPeer follower = cluster.follower();
            cluster.kill(follower);
            awaitProgress(cluster);
            assertThat(leader.leads()).isTrue();
            cluster.start(follower.id());
            awaitProgress(cluster);
            assertThat(cluster.running())
                    .filteredOn(peer -> !peer.id().equals(follower.id()))
                    .allSatisfy(peer ->
                            assertThat(peer.lines()).noneMatch(line -> line.startsWith("E ") || line.startsWith("X ")));
            assertSameStateEverywhere(cluster);
            assertNothingDoubled(cluster);
        }
    }

    @Test
    void killing_all_peers_at_once_keeps_the_token_counter_and_the_cluster_comes_back() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.startThree(folder, CALLERS)) {
            cluster.leader();
            awaitProgress(cluster);
            List<ProcessPeer> before = cluster.running();
            for (ProcessPeer peer : before) {
                cluster.kill(peer);
            }
            for (ProcessPeer peer : before) {
                cluster.start(peer.id());
            }
            awaitProgress(cluster);
            assertSameStateEverywhere(cluster);
            assertNothingDoubled(cluster);
        }
    }

    /** Callers of every running peer get locks again. */
    private static void awaitProgress(ProcessCluster cluster) {
        for (ProcessPeer peer : cluster.running()) {
            long before = grants(peer);
            await("grants to callers of " + peer.id())
                    .atMost(ProcessCluster.PATIENCE)
                    .until(() -> grants(peer) > before + 20);
        }
    }

    private static long grants(ProcessPeer peer) {
        return peer.lines().stream().filter(line -> line.startsWith("G ")).count();
    }

    private static void assertKeptHoldsStand(ProcessCluster cluster) throws Exception {
        for (ProcessPeer peer : cluster.running()) {
            List<String> kept =
                    peer.lines().stream().filter(line -> line.startsWith("K ")).toList();
            if (kept.isEmpty()) {
                continue;
            }
            String[] words = kept.get(0).split(" ");
            String state = peer.ask("kept", line -> line.startsWith("S "));
            assertThat(state).isEqualTo("S " + words[1] + " " + words[2] + " HELD");
        }
    }

    private static void assertSameStateEverywhere(ProcessCluster cluster) throws Exception {
        for (ProcessPeer peer : cluster.running()) {
            peer.say("stop");
        }
        await("equal states").atMost(ProcessCluster.PATIENCE).until(() -> {
            Set<String> states = new HashSet<>();
            for (ProcessPeer peer : cluster.running()) {
                states.add(peer.ask("hash", line -> line.startsWith("H ")));
            }
            return states.size() == 1;
        });
    }

    private static void assertNothingDoubled(ProcessCluster cluster) {
        Map<String, List<Held>> byKey = new HashMap<>();
        Map<Long, String> holderOf = new HashMap<>();
        for (ProcessPeer peer : cluster.all()) {
            for (Held held : holds(peer)) {
                assertThat(holderOf.put(held.token, held.by))
                        .describedAs("token %d was granted twice", held.token)
                        .isNull();
                byKey.computeIfAbsent(held.key, key -> new ArrayList<>()).add(held);
            }
        }
        byKey.forEach((key, holds) -> {
            holds.sort(Comparator.comparingLong(Held::token));
            for (int i = 1; i < holds.size(); i++) {
                assertThat(holds.get(i).fromNanos)
                        .describedAs("%s overlaps with %s", holds.get(i), holds.get(i - 1))
                        .isGreaterThanOrEqualTo(holds.get(i - 1).toNanos);
            }
        });
        assertThat(holderOf).hasSizeGreaterThan(100);
    }

    private static List<Held> holds(ProcessPeer peer) {
        Map<String, Long> until = new HashMap<>();
        for (String line : peer.lines()) {
            if (line.startsWith("R ") || line.startsWith("X ")) {
                String[] words = line.split(" ");
                until.merge(words[1] + " " + words[2], Long.parseLong(words[3]), Math::min);
            }
        }
        List<Held> holds = new ArrayList<>();
        for (String line : peer.lines()) {
            if (line.startsWith("G ")) {
                String[] words = line.split(" ");
                long from = Long.parseLong(words[3]);
                // A killed caller, or one that was just granted, believes nothing after its last word.
                long to = until.getOrDefault(words[1] + " " + words[2], from);
                holds.add(new Held(words[1], Long.parseLong(words[2]), from, to, peer.id()));
            }
        }
        return holds;
    }
}
