package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.internal.membership.PeerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer stands for election only while its own log has it as a voter, and never ends because it does not. */
class CandidacyTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final List<Throwable> ends = new CopyOnWriteArrayList<>();
    private final List<Long> ledTerms = new CopyOnWriteArrayList<>();

    private final GroupListener listener = new IdleListener() {
        @Override
        public void leaderReady(long term) {
            ledTerms.add(term);
        }

        @Override
        public void ended(Throwable cause) {
            ends.add(cause);
        }

        @Override
        public void failed(Throwable cause) {
            ends.add(cause);
        }
    };

    private static void awaitThatItMissesItsLeader(LonePeer peer) {
        await().atMost(PATIENCE).until(() -> peer.peer.group(0).state().role() == PeerState.Role.CANDIDATE);
    }

    @Test
    void the_leader_falls_silent_before_it_has_sent_the_members(@TempDir Path folder) throws Exception {
        try (LonePeer newcomer = new LonePeer(folder, PeerId.random("a"), 3, false, listener)) {
            newcomer.peer.start();
            assertThat(LonePeer.reply(newcomer.sendAsLeader(1)).getResult()).isEqualTo(AppendResult.SUCCESS);
            awaitThatItMissesItsLeader(newcomer);
            // It still follows.
            assertThat(LonePeer.reply(newcomer.sendAsLeader(2)).getResult()).isEqualTo(AppendResult.SUCCESS);
            awaitThatItMissesItsLeader(newcomer);

            // Now its log has it, as the only voter: it can win.
            assertThat(LonePeer.reply(newcomer.sendAsLeader(2, LonePeer.firstEntry(2, newcomer.members.subList(0, 1))))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(ledTerms).containsExactly(3L));
            assertThat(ends).isEmpty();
        }
    }

    @Test
    void the_leader_falls_silent_after_it_has_sent_members_without_this_one(@TempDir Path folder) throws Exception {
        try (LonePeer removed = new LonePeer(folder, PeerId.random("a"), 3, true, listener)) {
            removed.peer.start();
            assertThat(LonePeer.reply(removed.sendAsLeader(1, LonePeer.firstEntry(1, removed.members.subList(1, 3))))
                            .getResult())
                    .isEqualTo(AppendResult.SUCCESS);
            awaitThatItMissesItsLeader(removed);
            assertThat(LonePeer.reply(removed.sendAsLeader(2)).getResult()).isEqualTo(AppendResult.SUCCESS);
            assertThat(ends).isEmpty();
        }
    }
}
