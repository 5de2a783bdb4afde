package dev.holdfast.node.internal.birth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.node.Member;
import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.release.Supported;
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

    private Meetings meetings(Meetings.Questions questions) {
        return new Meetings(A, new Alone(), questions, timers, Runnable::run);
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
        return new Meeting(
                new UUID(1, 1),
                Meeting.NOBODY,
                false,
                Peer.of(of, new Member(of.name(), "127.0.0.1", 1, 2)),
                "",
                -1,
                List.of(),
                Supported.here());
    }

    /** A peer of two that has no cluster. */
    private static final class Alone implements Meetings.Self {
        @Override
        public Meeting introduction(String to) {
            return MeetingsTest.introduction(A);
        }

        @Override
        public Collection<String> others() {
            return List.of("b");
        }

        @Override
        public Set<String> initial() {
            return Set.of("a", "b");
        }

        @Override
        public boolean isNamed() {
            return false;
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
        public void belongTo(UUID cluster, List<Peer> founders) {}

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
        public void failed(Throwable cause) {}
    }
}
