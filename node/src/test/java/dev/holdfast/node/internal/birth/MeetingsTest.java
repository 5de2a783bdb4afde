package dev.holdfast.node.internal.birth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.node.Member;
import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.release.Supported;
import dev.holdfast.node.internal.transport.FrameKind;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MeetingsTest {
    private static final PeerId A = new PeerId("a", "0000000000000001");
    private static final PeerId B = new PeerId("b", "0000000000000002");

    private final ManualTimers timers = new ManualTimers();
    private final AtomicInteger asked = new AtomicInteger();

    private final Peerless self = new Peerless();

    private Meetings meetings(Meetings.Questions questions) {
        return new Meetings(A, self, questions, timers, Runnable::run);
    }

    /** With the folder that it has lost, it may have been a member of a cluster that has grown. */
    @Test
    void a_peer_that_is_alone_in_its_list_listens_before_it_founds_a_cluster() {
        self.others = List.of();
        Meetings meetings = meetings((question, other, body) -> {
            throw new AssertionError("nobody is to be asked");
        });
        meetings.start();

        timers.advance(Duration.ofMillis(3900));
        assertThat(self.cluster).isNull();
        assertThat(meetings.waitsFor()).contains("a member of its name already");
        timers.advance(Duration.ofMillis(200));

        assertThat(self.cluster).isNotNull();
        assertThat(self.founders).containsExactly(introduction(A).peer());
    }

    @Test
    void a_peer_that_is_alone_in_its_list_and_hears_of_a_cluster_founds_none() throws IOException {
        self.others = List.of();
        Meetings meetings = meetings((question, other, body) -> {
            throw new AssertionError("nobody is to be asked");
        });
        meetings.start();
        UUID grown = new UUID(2, 2);

        timers.advance(Duration.ofMillis(2100));
        meetings.answer(
                B.toString(),
                FrameKind.MEET,
                introduction(B, Meeting.NOBODY, grown).encode());
        timers.advance(Duration.ofMinutes(1));

        assertThat(self.cluster).isEqualTo(grown);
        assertThat(self.founders).isEmpty();
    }

    /** As when it starts a moment later: a connection was refused, and is not tried again at once. */
    @Test
    void who_cannot_be_told_at_once_is_told_again() {
        Meetings meetings = meetings((question, other, body) -> asked.incrementAndGet() < 3
                ? CompletableFuture.failedFuture(new IOException("connection refused"))
                : CompletableFuture.completedFuture(introduction(B).encode()));

        CompletableFuture<Void> told = CompletableFuture.runAsync(meetings::meetAll);

        await().atMost(Duration.ofSeconds(30)).until(() -> {
            timers.advance(Duration.ofMillis(50));
            return told.isDone();
        });
        assertThat(asked).hasValue(3);
    }

    /** The timers of a node that is closed do not run any more. */
    @Test
    void whoever_is_silent_does_not_keep_a_node_from_its_end() {
        Meetings meetings =
                meetings((question, other, body) -> CompletableFuture.failedFuture(new IOException("no route")));

        CompletableFuture<Void> told = CompletableFuture.runAsync(meetings::meetAll);

        await().atMost(Duration.ofSeconds(30)).until(told::isDone);
    }

    private static Meeting introduction(PeerId of) {
        return introduction(of, new UUID(1, 1), Meeting.NOBODY);
    }

    private static Meeting introduction(PeerId of, UUID list, UUID cluster) {
        return new Meeting(
                list,
                cluster,
                false,
                Peer.of(of, new Member(of.name(), "127.0.0.1", 1, 2)),
                "",
                -1,
                List.of(),
                Supported.here());
    }

    /** A peer of two that has no cluster at first. */
    private static final class Peerless implements Meetings.Self {
        private List<String> others = List.of("b");
        private UUID cluster;
        private List<Peer> founders = List.of();

        @Override
        public Meeting introduction(String to) {
            return MeetingsTest.introduction(A, new UUID(1, 1), cluster == null ? Meeting.NOBODY : cluster);
        }

        @Override
        public Collection<String> others() {
            return others;
        }

        @Override
        public Set<String> initial() {
            return others.isEmpty() ? Set.of("a") : Set.of("a", "b");
        }

        @Override
        public boolean isNamed() {
            return !founders.isEmpty();
        }

        @Override
        public OptionalLong newestConfiguration() {
            return OptionalLong.empty();
        }

        @Override
        public boolean answeredAnother(PeerId convener) {
            return false;
        }

        @Override
        public void answer(PeerId convener) {}

        @Override
        public void belongTo(UUID itsCluster, List<Peer> itsFounders) {
            assertThat(cluster).isNull();
            cluster = itsCluster;
            founders = itsFounders;
        }

        @Override
        public void stranger(UUID other, boolean formed) {}

        @Override
        public void met(Meeting meeting) {}

        @Override
        public String complaint(Meeting meeting) {
            return null;
        }

        @Override
        public void replacedBy(String named) {}

        @Override
        public void failed(Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
