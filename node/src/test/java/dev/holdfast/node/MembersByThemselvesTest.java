package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.MemberStatus.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Members that come by a join token, take their own place again, or give way to others, without anybody's help. */
@Tag("long")
class MembersByThemselvesTest extends GrowingCluster {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable THING = new Lockable("thing", "one");
    private static final Duration HOUR = Duration.ofHours(1);

    /** It knows of one member only, which does not lead. */
    private HoldfastNode join(String id, String token) throws IOException {
        Member self = all.stream()
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseThrow();
        return start(
                HoldfastNode.builder()
                        .members(List.of(self, follower().member()))
                        .join()
                        .joinToken(token),
                id);
    }

    /** A cluster that is new has tokens a moment later. */
    private String issue(String name) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            try {
                                return Optional.of(follower().membership().issueJoinToken(name, HOUR));
                            } catch (MemberChangeException e) {
                                assertThat(e.reason()).isEqualTo(MemberChangeException.Reason.UPGRADE_FIRST);
                                return Optional.<String>empty();
                            }
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    private Map<String, Role> roles() throws InterruptedException {
        return leader().membership().list().stream()
                .collect(Collectors.toMap(MemberStatus::name, MemberStatus::role, (one, other) -> one, TreeMap::new));
    }

    private List<String> named(Role role) throws InterruptedException {
        return roles().entrySet().stream()
                .filter(member -> member.getValue() == role)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void awaitMember(HoldfastNode node) throws Exception {
        await().atMost(PATIENCE).until(() -> node.waitsFor().isEmpty());
        assertThat(node.awaitReady(PATIENCE)).isTrue();
    }

    private void awaitSaid(HoldfastNode node, String what) {
        await().atMost(PATIENCE).until(node::waitsFor, said -> said.contains(what));
    }

    /** Whoever calls there has what callers at other members have: locks, waiting, tokens that rise, and news of a loss. */
    private static void lockAt(HoldfastNode one, HoldfastNode other) throws Exception {
        HoldfastClient alice = one.client();
        HoldfastClient bob = other.client();
        LockHandle held = alice.createLock().hold(ALICE, THING, AcquireOptions.defaults());
        assertThat(bob.createLock().acquire(BOB, THING).acquired()).isFalse();
        CompletableFuture<LockHandle> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return bob.createLock()
                        .hold(BOB, THING, AcquireOptions.defaults().wait(PATIENCE));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(PATIENCE).until(() -> waitersOf(alice) == 1);
        held.release();
        LockHandle next = waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(next.token()).isGreaterThan(held.token());
        alice.createLock().forceRelease(THING);
        next.lossSignal().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(next.state()).isEqualTo(HoldState.LOST);
    }

    private static int waitersOf(HoldfastClient client) {
        return client.list("").mapToInt(info -> info.waiterCount()).sum();
    }

    @Test
    void an_application_that_scales_from_three_to_eight_has_five_voters_and_callers_everywhere() throws Exception {
        startCluster(3, 5);
        for (String id : List.of("d", "e", "f", "g", "h")) {
            awaitMember(join(id, issue(id)));
        }

        assertThat(named(Role.VOTER)).containsExactly("a", "b", "c", "d", "e");
        assertThat(named(Role.LISTENER)).containsExactly("f", "g", "h");
        lockAt(nodes.get("f"), nodes.get("g"));
        lockAt(nodes.get("h"), leader());
        lockAt(nodes.get("a"), nodes.get("h"));

        LockHandle held = nodes.get("h").client().createLock().hold(ALICE, THING, AcquireOptions.defaults());
        String gone = follower().id();
        nodes.get("g").membership().remove(gone, false);
        assertThat(named(Role.VOTER)).hasSize(5).doesNotContain(gone);
        assertThat(named(Role.LISTENER)).hasSize(2);
        assertThat(held.state()).isEqualTo(HoldState.HELD);
        held.release();
    }

    @Test
    void a_token_lets_in_one_newcomer_once_and_the_others_hear_why_not() throws Exception {
        startCluster(3, 2);
        String token = issue("");
        awaitMember(join("d", token));
        awaitSaid(join("e", token), "used by another, d@");
        stop("e");

        nodes.get("a").membership().remove("d", false);
        Throwable cause = nodes.get("d").failure().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(cause).isInstanceOf(MemberRemovedException.class);
        stop("d");
        assertThatThrownBy(() -> join("d", token)).isInstanceOf(IOException.class);
        loseFolder("d");
        awaitSaid(join("d", token), "used by another, d@");
        assertThat(named(Role.NEWCOMER)).contains("d");
        stop("d");

        awaitMember(join("d", issue("d")));
        assertThat(named(Role.VOTER)).containsExactly("a", "b", "c", "d");
        assertThat(audited())
                .containsSubsequence(
                        "members-token any",
                        "members-join d",
                        "members-join d",
                        "members-remove d",
                        "members-remove d",
                        "members-token d",
                        "members-join d",
                        "members-join d");
    }

    private List<String> audited() {
        try (Stream<AuditEntry> audit = nodes.get("a").client().audit()) {
            return audit.map(entry -> entry.action() + " " + entry.target()).toList();
        }
    }

    @Test
    void a_token_that_was_withdrawn_lets_nobody_in() throws Exception {
        startCluster(3, 1);
        String token = issue("d");
        JoinTokenInfo info = only(leader().membership().joinTokens());
        assertThat(info.madeBy()).isEqualTo("member:" + follower().id());
        assertThat(info.isOutstanding()).isTrue();

        assertThat(follower().membership().withdrawJoinToken(info.id()).changed())
                .isTrue();

        assertThat(only(follower().membership().joinTokens()).state()).isEqualTo(JoinTokenInfo.State.WITHDRAWN);
        awaitSaid(join("d", token), "its join token was withdrawn");
        assertThat(named(Role.VOTER)).containsExactly("a", "b", "c");
        assertThat(audited()).containsExactly("members-token d", "members-withdraw d");
    }

    private static <T> T only(List<T> list) {
        assertThat(list).hasSize(1);
        return list.get(0);
    }

    @Test
    void whoever_leads_next_lets_in_whom_the_leader_before_has_not() throws Exception {
        startCluster(3, 1);
        String token = issue("");
        String old = leader().id();
        HoldfastNode newcomer = join("d", token);
        stop(old);

        await().atMost(PATIENCE).until(() -> newcomer.waitsFor().isEmpty());
        startInitial(old, 3);
        awaitMember(newcomer);
        assertThat(named(Role.VOTER)).containsExactly("a", "b", "c", "d");
    }

    @Test
    void one_becomes_three_by_tokens_and_all_groups_follow() throws Exception {
        settings = builder -> builder.groups(2);
        startCluster(1, 2);
        for (String id : List.of("b", "c")) {
            String token = await().atMost(PATIENCE)
                    .ignoreException(MemberChangeException.class)
                    .until(() -> nodes.get("a").membership().issueJoinToken(id, HOUR), made -> true);
            awaitMember(start(HoldfastNode.builder().members(all).join().joinToken(token), id));
        }
        assertThat(named(Role.VOTER)).containsExactly("a", "b", "c");
        lockAt(nodes.get("b"), nodes.get("c"));
    }

    @Test
    void a_member_with_a_lost_disk_takes_its_place_again_if_it_may() throws Exception {
        settings = builder -> builder.replaceLostDisk(true);
        startCluster(3, 0);
        LockHandle held = leader().client().createLock().hold(ALICE, THING, AcquireOptions.defaults());
        String lost = follower().id();
        stop(lost);
        loseFolder(lost);

        awaitMember(startInitial(lost, 3));

        assertThat(named(Role.VOTER)).containsExactly("a", "b", "c");
        // The one that was replaced is needed now: without the other follower it makes the majority.
        stop(nodes.keySet().stream()
                .filter(id -> !id.equals(lost) && !nodes.get(id).isLeader())
                .findFirst()
                .orElseThrow());
        assertThat(nodes.get(lost).client().createLock().acquire(BOB, THING).acquired())
                .isFalse();
        held.release();
    }

    @Test
    void a_voter_that_is_gone_for_long_gives_way_and_is_a_listener_when_it_comes_back() throws Exception {
        settings = builder -> builder.maxVoters(3).replaceAfter(Duration.ofSeconds(10));
        startCluster(3, 1);
        awaitMember(join("d", issue("")));
        assertThat(named(Role.LISTENER)).containsExactly("d");
        String leader = leader().id();
        String gone = named(Role.VOTER).stream()
                .filter(voter -> !voter.equals(leader))
                .findFirst()
                .orElseThrow();
        stop(gone);

        await().atMost(PATIENCE).until(() -> named(Role.VOTER).contains("d"));
        assertThat(named(Role.LISTENER)).containsExactly(gone);
        awaitMember(startInitial(gone, 3));
        assertThat(named(Role.VOTER)).hasSize(3);
        lockAt(nodes.get(gone), nodes.get("d"));
    }
}
