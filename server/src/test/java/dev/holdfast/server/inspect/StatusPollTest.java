package dev.holdfast.server.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatus.GroupStatus;
import dev.holdfast.client.remote.PeerStatus.MemberAddress;
import dev.holdfast.client.remote.PeerStatus.Role;
import dev.holdfast.client.remote.PeerStatus.Security;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who is asked for its status, and for how long. */
class StatusPollTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final HostPort A = new HostPort("a", 1);
    private static final HostPort B = new HostPort("b", 1);
    private static final HostPort C = new HostPort("c", 1);

    private final CountDownLatch never = new CountDownLatch(1);

    private static PeerStatus status(HostPort peer, HostPort... members) {
        return new PeerStatus(
                "id",
                "prod",
                peer.host(),
                "",
                "1",
                List.of(new GroupStatus(Role.FOLLOWER, 1, "", 1, 1, 1, 0, 0)),
                List.of(members).stream()
                        .map(member -> new MemberAddress(member.host(), member, 2))
                        .toList(),
                new Security(false, false, false, false),
                List.of(),
                "",
                OptionalLong.empty());
    }

    /** Whether it came about before the time was up. */
    private static boolean await(CountDownLatch latch, Duration atMost) {
        try {
            return latch.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void members_that_an_answer_names_are_asked_while_others_are_still_silent() throws Exception {
        CountDownLatch othersHaveAnswered = new CountDownLatch(1);
        StatusPoll poll = new StatusPoll(
                (peer, left) -> {
                    if (peer.equals(C)) {
                        othersHaveAnswered.countDown();
                    }
                    return peer.equals(B) && !await(othersHaveAnswered, left)
                            ? Optional.empty()
                            : Optional.of(status(peer, A, B, C));
                },
                status -> true,
                PATIENCE);

        assertThat(poll.run(List.of(A, B)))
                .containsExactly(
                        entry(A, Optional.of(status(A, A, B, C))),
                        entry(B, Optional.of(status(B, A, B, C))),
                        entry(C, Optional.of(status(C, A, B, C))));
    }

    @Test
    void each_has_the_time_of_the_whole_command() throws Exception {
        Set<Duration> given = ConcurrentHashMap.newKeySet();
        StatusPoll poll = new StatusPoll(
                (peer, left) -> {
                    given.add(left);
                    return Optional.of(status(peer, A, B, C));
                },
                status -> true,
                PATIENCE);

        assertThat(poll.run(List.of(A))).hasSize(3);

        assertThat(given).allSatisfy(left -> assertThat(left).isBetween(Duration.ofMinutes(1), PATIENCE));
    }

    @Test
    void those_that_are_silent_to_the_end_have_no_status() throws Exception {
        StatusPoll poll = new StatusPoll(
                (peer, left) -> {
                    // Longer than it may, as the look-up of a name can be.
                    await(never, peer.equals(B) ? PATIENCE : Duration.ZERO);
                    return Optional.of(status(peer, A, B));
                },
                status -> true,
                Duration.ofMillis(200));

        assertThat(poll.run(List.of(A, B))).containsEntry(B, Optional.empty());
        never.countDown();
    }

    @Test
    void members_of_another_cluster_are_not_asked() throws Exception {
        StatusPoll poll = new StatusPoll((peer, left) -> Optional.of(status(peer, A, B)), status -> false, PATIENCE);

        assertThat(poll.run(List.of(A))).containsOnlyKeys(A);
    }
}
