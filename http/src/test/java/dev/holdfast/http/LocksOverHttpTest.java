package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonObject;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.http.HttpCaller.Reply;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.LocalCluster;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.TokenFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Three peers of two groups, whose callers have to be known, and locks that are held over HTTP. */
@TestInstance(Lifecycle.PER_CLASS)
class LocksOverHttpTest {
    private static final Duration PATIENCE = HttpCaller.PATIENCE;
    private static final byte[] SECRET = "what all members of this cluster know".getBytes(StandardCharsets.UTF_8);
    private static final long LONG_LEASE_MS = 600_000;

    private final Map<String, HoldfastHttp> doors = new TreeMap<>();
    private LocalCluster cluster;
    private HttpCaller alice;
    private HttpCaller bob;
    private HttpCaller root;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path tokens = folder.resolve("tokens");
        String rootToken = TokenFile.add(tokens, "root", List.of(), null);
        String aliceToken = TokenFile.add(tokens, "alice", List.of(), null);
        String bobToken = TokenFile.add(tokens, "bob", List.of(), null);
        cluster = LocalCluster.start(
                folder,
                3,
                builder -> builder.groups(2)
                        .access(AccessOptions.closed().withAdmins("root").withTokensFile(tokens))
                        .secret(SECRET));
        for (HoldfastNode node : cluster.nodes()) {
            doors.put(node.id(), HoldfastHttp.start(node, new MetricRegistry(), "127.0.0.1", 0));
        }
        try (HoldfastClient admin = Holdfast.connect(
                cluster.servers(),
                ClientOptions.defaults().requestTimeout(PATIENCE).token(() -> rootToken))) {
            admin.putRule(AccessRule.parse("alice force t/"));
            admin.putRule(AccessRule.parse("bob lock t/"));
        }
        HoldfastHttp first = doors.values().iterator().next();
        alice = new HttpCaller(first, aliceToken);
        bob = new HttpCaller(first, bobToken);
        root = new HttpCaller(first, rootToken);
        await().atMost(PATIENCE)
                .until(() -> alice.post("/v1/sessions", "{}").status() == 200
                        && bob.post("/v1/sessions", "{}").status() == 200);
    }

    @AfterAll
    void stop() {
        doors.values().forEach(HoldfastHttp::close);
        cluster.close();
    }

    private List<HttpCaller> everywhere(HttpCaller caller) {
        return doors.values().stream().map(caller::at).toList();
    }

    @Test
    void a_lock_is_held_at_any_peer_and_a_repetition_at_another_gets_the_same_token() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        Set<Long> tokens = new HashSet<>();
        for (int round = 0; round < 2; round++) {
            for (HttpCaller each : everywhere(alice)) {
                Reply held = each.acquire(session, 1, "t/same", "").as(200);
                assertThat(held.text("state")).isEqualTo("held");
                assertThat(held.json().get("leaseLeftMs").isJsonNull()).isTrue();
                assertThat(held.number("count")).isEqualTo(1);
                tokens.add(held.number("token"));
            }
        }
        assertThat(tokens).hasSize(1);
        long token = tokens.iterator().next();
        String others = bob.open(LONG_LEASE_MS);
        for (HttpCaller each : everywhere(bob)) {
            Reply refused = each.acquire(others, 1, "t/same", "").as(409);
            assertThat(refused.text("code")).isEqualTo("held");
            assertThat(refused.number("token")).isEqualTo(token);
            assertThat(refused.text("detail")).contains("'t/same' is held by http:");
            assertThat(refused.response().headers().firstValue("content-type")).contains("application/problem+json");
        }
        for (HttpCaller each : everywhere(alice)) {
            assertThat(each.release(session, 2, "t/same", token).as(200).number("remaining"))
                    .isZero();
        }
        assertThat(bob.acquire(others, 1, "t/same", "").as(409).text("code"))
                .as("what became of a sequence stays")
                .isEqualTo("held");
        assertThat(bob.acquire(others, 2, "t/same", "").as(200).number("token")).isGreaterThan(token);
        assertThat(alice.acquire(session, 1, "t/same", "").as(409).text("code"))
                .as("nobody is told that it holds what it has released")
                .isEqualTo("hold-over");
        assertThat(bob.close(others).as(200).text("closed")).isEqualTo("true");
        assertThat(bob.close(others).as(200).text("closed")).isEqualTo("false");
        alice.acquire(session, 3, "t/same", "").as(200);
        alice.close(session).as(200);
    }

    @Test
    void a_sequence_that_was_used_for_one_lock_gives_nobody_another() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(session, 1, "t/used", "").as(200).number("token");
        List<String> ofTheSameGroup = new ArrayList<>();
        for (int i = 0; ofTheSameGroup.size() < 3; i++) {
            if (dev.holdfast.protocol.KeyGroups.of("t/unused" + i, 2)
                    == dev.holdfast.protocol.KeyGroups.of("t/used", 2)) {
                ofTheSameGroup.add("t/unused" + i);
            }
        }
        for (String key : ofTheSameGroup) {
            assertThat(alice.acquire(session, 1, key, "").as(409).text("code")).isEqualTo("hold-over");
            assertThat(alice.acquire(session, 1, "t/used", "\"owner\":{\"type\":\"user\",\"id\":\"x\"}")
                            .as(409)
                            .text("code"))
                    .isEqualTo("hold-over");
        }
        assertThat(alice.release(session, 1, "t/used", token).as(409).text("code"))
                .isEqualTo("sequence-used");
        alice.release(session, 2, "t/used", token).as(200);
        assertThat(alice.acquire(session, 2, "t/used", "").as(409).text("code")).isEqualTo("sequence-used");
        alice.close(session).as(200);
    }

    @Test
    void who_waits_is_granted_it_when_it_is_released() throws Exception {
        String first = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(first, 1, "t/wait", "").as(200).number("token");
        String second = bob.open(LONG_LEASE_MS);
        Reply notYet = bob.acquire(second, 1, "t/wait", "\"waitMs\":600000,\"pollMs\":0")
                .as(202);
        assertThat(notYet.text("state")).isEqualTo("waiting");
        assertThat(notYet.number("position")).isZero();
        List<CompletableFuture<Reply>> polls = everywhere(bob).stream()
                .map(each -> each.acquiring(second, 1, "t/wait", "\"waitMs\":600000"))
                .toList();
        assertThat(alice.waiters("t/wait"))
                .as("however often it is asked, it waits once")
                .isEqualTo(1);
        alice.release(first, 2, "t/wait", token).as(200);
        Set<Long> tokens = new HashSet<>();
        for (CompletableFuture<Reply> each : polls) {
            tokens.add(each.get().as(200).number("token"));
        }
        assertThat(tokens).hasSize(1).allMatch(each -> each > token);
        assertThat(bob.acquire(second, 1, "t/wait", "\"waitMs\":600000").as(200).number("token"))
                .as("who comes back later is told as well")
                .isEqualTo(tokens.iterator().next());
        bob.close(second).as(200);
        alice.close(first).as(200);
    }

    @Test
    void a_heartbeat_does_not_pass_the_grant_of_a_wait_whose_answer_the_caller_has_not() throws Exception {
        String first = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(first, 1, "t/unheard", "").as(200).number("token");
        String second = bob.open(LONG_LEASE_MS);
        bob.acquire(second, 1, "t/unheard", "\"waitMs\":600000,\"pollMs\":0").as(202);
        alice.release(first, 2, "t/unheard", token).as(200);
        String beat = "{\"session\":\"" + second + "\"";
        // By then the peer has heard of the grant.
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(bob.post("/v1/sessions/heartbeat", beat + ",\"acknowledgedSequence\":1}")
                                        .as(200)
                                        .text("events"))
                                .isNotEqualTo("0.0"));
        String events = bob.post("/v1/sessions/heartbeat", beat + "}").as(200).text("events");
        assertThat(events).isEqualTo("0.0");
        // A diligent caller acknowledges what it was given, and loses nothing by it.
        long granted = bob.acquire(
                        second, 1, "t/unheard", "\"waitMs\":600000,\"acknowledgedEvents\":\"" + events + "\"")
                .as(200)
                .number("token");
        assertThat(granted).isGreaterThan(token);
        bob.close(second).as(200);
        alice.close(first).as(200);
    }

    @Test
    void a_wait_is_over_by_its_time_or_when_it_is_cancelled() throws Exception {
        String first = alice.open(LONG_LEASE_MS);
        alice.acquire(first, 1, "t/vain", "").as(200);
        String second = bob.open(LONG_LEASE_MS);
        assertThat(bob.acquire(second, 1, "t/vain", "\"waitMs\":50").as(409).text("code"))
                .isEqualTo("wait-ended");
        bob.acquire(second, 2, "t/vain", "\"waitMs\":600000,\"pollMs\":0").as(202);
        assertThat(alice.waiters("t/vain")).isEqualTo(1);
        assertThat(bob.post(
                                "/v1/lockable/cancel-acquire",
                                HttpCaller.mutex(second, 3, "t/vain", "\"acquireSequence\":2"))
                        .as(200)
                        .text("undone"))
                .isEqualTo("true");
        assertThat(alice.waiters("t/vain")).isZero();
        alice.close(first).as(200);
        assertThat(alice.get("/v1/lockable?kind=mutex&key=t/vain").number("held"))
                .isZero();
        bob.close(second).as(200);
    }

    @Test
    void a_session_that_is_not_renewed_ends_and_frees_what_it_held() throws Exception {
        String first = alice.open(2_000);
        alice.acquire(first, 1, "t/lapse", "").as(200);
        String second = bob.open(LONG_LEASE_MS);
        bob.acquire(second, 1, "t/lapse", "\"waitMs\":120000").as(200);
        assertThat(alice.heartbeat(first).as(410).text("code")).isEqualTo("session-over");
        assertThat(alice.acquire(first, 2, "t/lapse", "").as(410).text("code")).isEqualTo("session-over");
        bob.close(second).as(200);
    }

    @Test
    void a_heartbeat_renews_the_session_and_says_how_long_it_lives_and_what_was_lost() throws Exception {
        String session = alice.open(60_000);
        long token = alice.acquire(session, 1, "t/beat", "").as(200).number("token");
        for (HttpCaller each : everywhere(alice)) {
            Reply beat = each.heartbeat(session).as(200);
            assertThat(beat.number("leaseLeftMs")).isBetween(1L, 59_399L);
            assertThat(beat.json().getAsJsonArray("lost")).isEmpty();
            assertThat(beat.text("events")).isEqualTo("0.0");
        }
        alice.post("/v1/lockable/force-release", "{\"kind\":\"mutex\",\"key\":\"t/beat\"}")
                .as(200);
        for (HttpCaller each : everywhere(alice)) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Reply beat = each.heartbeat(session).as(200);
                assertThat(beat.json().getAsJsonArray("lost")).hasSize(1);
                JsonObject lost = beat.json().getAsJsonArray("lost").get(0).getAsJsonObject();
                assertThat(lost.get("key").getAsString()).isEqualTo("t/beat");
                assertThat(lost.get("token").getAsLong()).isEqualTo(token);
                assertThat(lost.get("reason").getAsString()).isEqualTo("force-released");
            });
        }
        String events = alice.heartbeat(session).as(200).text("events");
        assertThat(alice.post(
                                "/v1/sessions/heartbeat",
                                "{\"session\":\"" + session + "\",\"after\":\"" + events + "\"}")
                        .as(200)
                        .json()
                        .getAsJsonArray("lost"))
                .isEmpty();
        alice.acquire(session, 2, "t/beat", "\"acknowledgedEvents\":\"" + events + "\",\"acknowledgedSequence\":1")
                .as(200);
        assertThat(alice.heartbeat(session).as(200).json().getAsJsonArray("lost"))
                .as("what is acknowledged is not told again")
                .isEmpty();
        assertThat(alice.acquire(session, 1, "t/beat", "").as(409).text("code")).isEqualTo("sequence-stale");
        alice.close(session).as(200);
    }

    @Test
    void a_session_is_of_no_use_to_somebody_else() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(session, 1, "t/mine", "").as(200).number("token");
        for (HttpCaller each : everywhere(bob)) {
            each.acquire(session, 2, "t/other", "").as(410);
            each.release(session, 3, "t/mine", token).as(410);
            each.heartbeat(session).as(410);
            each.get("/v1/sessions/events?session=" + session).as(410);
            assertThat(each.close(session).as(200).text("closed")).isEqualTo("false");
        }
        // Nor is one that somebody makes up.
        char last = session.charAt(10);
        String guessed = session.substring(0, 10) + (last == 'A' ? 'B' : 'A') + session.substring(11);
        alice.heartbeat(guessed).as(410);
        assertThat(alice.heartbeat(session).as(200).number("leaseLeftMs")).isPositive();
        alice.acquire(session, 1, "t/mine", "").as(200);
        alice.close(session).as(200);
    }

    @Test
    void the_rules_hold() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        assertThat(alice.acquire(session, 1, "secret/x", "").as(403).text("detail"))
                .contains("principal 'alice' lacks 'lock' on 'secret/x'");
        new HttpCaller(doors.values().iterator().next(), null)
                .post("/v1/sessions", "{}")
                .as(401);
        JsonObject listed = root.get("/v1/sessions?limit=500").as(200).json();
        assertThat(listed.toString())
                .as("sessions are listed with whose they are, and not so that they can be used")
                .contains("\"name\":\"test\",\"principal\":\"alice\",\"address\":\"127.0.0.1\"")
                .doesNotContain(session);
        alice.close(session).as(200);
    }

    @Test
    void a_hold_with_a_ttl_says_what_is_left_and_is_extended() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        Reply held = alice.acquire(session, 1, "t/ttl", "\"ttlMs\":100000").as(200);
        long token = held.number("token");
        assertThat(held.number("leaseLeftMs")).isBetween(1L, 98_999L);
        Reply extended = alice.post(
                        "/v1/lockable/extend",
                        HttpCaller.mutex(session, 2, "t/ttl", "\"token\":" + token + ",\"ttlMs\":200000"))
                .as(200);
        assertThat(extended.number("leaseLeftMs")).isBetween(100_000L, 197_999L);
        assertThat(alice.post(
                                "/v1/lockable/extend",
                                HttpCaller.mutex(session, 3, "t/ttl", "\"token\":" + (token + 1000) + ",\"ttlMs\":1"))
                        .as(409)
                        .text("code"))
                .isEqualTo("not-held");
        alice.release(session, 4, "t/ttl", token).as(200);
        assertThat(alice.release(session, 5, "t/ttl", token).as(409).text("detail"))
                .endsWith("with the token " + token + ": nobody does");
        alice.close(session).as(200);
    }

    @Test
    void a_hold_until_released_outlives_its_session_and_is_released_from_another() throws Exception {
        String owner = "\"owner\":{\"type\":\"job\",\"id\":\"nightly\"}";
        String first = alice.open(LONG_LEASE_MS);
        Reply held = alice.acquire(first, 1, "t/until", owner + ",\"untilReleased\":true")
                .as(200);
        assertThat(held.json().get("leaseLeftMs").isJsonNull()).isTrue();
        alice.close(first).as(200);

        String second = alice.open(LONG_LEASE_MS);
        assertThat(alice.acquire(second, 1, "t/until", "").as(409).text("code")).isEqualTo("held");
        alice.post(
                        "/v1/lockable/release",
                        HttpCaller.mutex(second, 2, "t/until", owner + ",\"token\":" + held.number("token")))
                .as(200);
        alice.acquire(second, 3, "t/until", "").as(200);
        assertThat(alice.acquire(second, 4, "t/until", "\"untilReleased\":true,\"ttlMs\":5")
                        .as(400)
                        .text("detail"))
                .isEqualTo("'ttlMs' and 'untilReleased' contradict each other: choose one");
        assertThat(alice.acquire(second, 4, "t/until", "\"untilReleased\":\"yes\"")
                        .as(400)
                        .text("detail"))
                .isEqualTo("'untilReleased' should be true or false");
        alice.close(second).as(200);
    }

    @Test
    void a_reentrant_hold_is_over_after_as_many_releases_and_a_repetition_does_not_count() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(session, 1, "t/deep", "\"reentrant\":true")
                .as(200)
                .number("token");
        for (HttpCaller each : everywhere(alice)) {
            Reply again =
                    each.acquire(session, 2, "t/deep", "\"reentrant\":true").as(200);
            assertThat(again.number("token")).isEqualTo(token);
            assertThat(again.number("count")).isEqualTo(2);
        }
        String one = "\"permits\":1,\"token\":" + token;
        assertThat(alice.post("/v1/lockable/release", HttpCaller.mutex(session, 3, "t/deep", one))
                        .as(200)
                        .number("remaining"))
                .isEqualTo(1);
        assertThat(alice.post("/v1/lockable/release", HttpCaller.mutex(session, 4, "t/deep", one))
                        .as(200)
                        .number("remaining"))
                .isZero();
        alice.close(session).as(200);
    }

    @Test
    void permits_of_a_semaphore_are_shared_out_as_the_limit_says() throws Exception {
        String first = alice.open(LONG_LEASE_MS);
        String second = bob.open(LONG_LEASE_MS);
        String two = ",\"kind\":\"semaphore\",\"key\":\"t/pool\",\"permits\":2,\"limit\":3}";
        Reply held = alice.post("/v1/lockable/acquire", "{\"session\":\"" + first + "\",\"sequence\":1" + two)
                .as(200);
        assertThat(held.number("count")).isEqualTo(2);
        Reply refused = bob.post("/v1/lockable/acquire", "{\"session\":\"" + second + "\",\"sequence\":1" + two)
                .as(409);
        assertThat(refused.number("available")).isEqualTo(1);
        CompletableFuture<Reply> waiting = bob.posted(
                "/v1/lockable/acquire", "{\"session\":\"" + second + "\",\"sequence\":2,\"waitMs\":600000" + two);
        await().atMost(PATIENCE)
                .until(() -> alice.get("/v1/lockable?kind=semaphore&key=t/pool").number("waiterCount") == 1);
        assertThat(alice.post(
                                "/v1/lockable/release",
                                "{\"session\":\"" + first + "\",\"sequence\":2,\"token\":" + held.number("token")
                                        + ",\"kind\":\"semaphore\",\"key\":\"t/pool\",\"permits\":1}")
                        .as(200)
                        .number("remaining"))
                .isEqualTo(1);
        assertThat(waiting.get().as(200).number("count")).isEqualTo(2);
        assertThat(bob.post(
                                "/v1/lockable/acquire",
                                "{\"session\":\"" + second
                                        + "\",\"sequence\":3,\"kind\":\"semaphore\",\"key\":\"t/pool\",\"permits\":4,\"limit\":3}")
                        .as(409)
                        .text("code"))
                .isEqualTo("capacity-exceeded");
        alice.close(first).as(200);
        bob.close(second).as(200);
    }

    @Test
    void events_tell_of_grants_losses_and_the_end_and_go_on_where_they_broke_off() throws Exception {
        String first = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(first, 1, "t/events", "").as(200).number("token");
        String second = bob.open(LONG_LEASE_MS);
        bob.acquire(second, 1, "t/events", "\"waitMs\":600000,\"pollMs\":0").as(202);
        Events.Event granted;
        List<HttpCaller> peers = everywhere(bob);
        try (Events events = peers.get(0).events(second, null)) {
            alice.release(first, 2, "t/events", token).as(200);
            granted = events.next("granted");
            assertThat(granted.data().get("sequence").getAsLong()).isEqualTo(1);
            assertThat(granted.data().get("token").getAsLong()).isGreaterThan(token);
        }
        alice.post("/v1/lockable/force-release", "{\"kind\":\"mutex\",\"key\":\"t/events\"}")
                .as(200);
        try (Events events = peers.get(1).events(second, granted.id())) {
            Events.Event lost = events.next("lost");
            assertThat(lost.data().get("token")).isEqualTo(granted.data().get("token"));
            assertThat(lost.data().get("reason").getAsString()).isEqualTo("force-released");
        }
        try (Events events = peers.get(2).events(second, null)) {
            assertThat(events.next("granted").id()).isEqualTo(granted.id());
            events.next("lost");
            bob.close(second).as(200);
            events.next("session-lost");
            events.end();
        }
        bob.get("/v1/sessions/events?session=" + second).as(410);
        alice.close(first).as(200);
    }

    @Test
    void callers_that_repeat_themselves_at_any_peer_exclude_each_other() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicLong lastToken = new AtomicLong();
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            for (int i = 0; i < 6; i++) {
                HttpCaller caller = i % 2 == 0 ? alice : bob;
                long seed = i;
                callers.add(CompletableFuture.runAsync(
                        () -> takeTurns(everywhere(caller), new Random(seed), inside, lastToken), threads));
            }
            for (CompletableFuture<Void> each : callers) {
                each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(lastToken.get()).isPositive();
    }

    /** Asks any peer, does not always wait for the answer, and says everything twice. */
    private static void takeTurns(List<HttpCaller> peers, Random random, AtomicInteger inside, AtomicLong lastToken) {
        try {
            Supplier<HttpCaller> any = () -> peers.get(random.nextInt(peers.size()));
            String session = any.get().open(LONG_LEASE_MS);
            long sequence = 0;
            for (int turn = 0; turn < 12; turn++) {
                sequence++;
                Reply held;
                do {
                    String wait = "\"waitMs\":600000,\"pollMs\":" + random.nextInt(200);
                    CompletableFuture<Reply> elsewhere = any.get().acquiring(session, sequence, "t/turns", wait);
                    held = any.get().acquire(session, sequence, "t/turns", wait);
                    Reply other = elsewhere.get();
                    held = held.status() == 200 ? held : other;
                } while (held.status() == 202);
                long token = held.as(200).number("token");
                assertThat(inside.incrementAndGet()).isEqualTo(1);
                assertThat(lastToken.getAndSet(token)).isLessThan(token);
                assertThat(inside.decrementAndGet()).isZero();
                sequence++;
                any.get().release(session, sequence, "t/turns", token).as(200);
                any.get().release(session, sequence, "t/turns", token).as(200);
            }
            any.get().close(session).as(200);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void what_is_held_over_http_is_held_against_all_others() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        long token = alice.acquire(session, 1, "t/all", "\"owner\":{\"type\":\"user\",\"id\":\"ann\"}")
                .as(200)
                .number("token");
        var lock = cluster.leader().client().createLock();
        var waiting = lock.acquireAsync(
                Holdfast.createLockOwner("user").of("bob"),
                Holdfast.createLockable("t/all").of(),
                AcquireOptions.defaults().waitForever());
        await().atMost(PATIENCE).until(() -> alice.waiters("t/all") == 1);
        alice.post(
                        "/v1/lockable/release",
                        HttpCaller.mutex(
                                session, 2, "t/all", "\"owner\":{\"type\":\"user\",\"id\":\"ann\"},\"token\":" + token))
                .as(200);
        try (LockHandle held = waiting.toCompletableFuture().get().orThrow()) {
            assertThat(held.token()).isGreaterThan(token);
            assertThat(alice.acquire(session, 3, "t/all", "")
                            .as(409)
                            .json()
                            .getAsJsonObject("holder")
                            .toString())
                    .isEqualTo("{\"type\":\"user\",\"id\":\"bob\",\"within\":null}");
        }
        alice.close(session).as(200);
    }

    @Test
    void bad_requests_are_refused_with_what_is_wrong() throws Exception {
        String session = alice.open(LONG_LEASE_MS);
        String begin = "{\"session\":\"" + session + "\",\"sequence\":1,\"kind\":\"mutex\",\"key\":\"t/bad\"";
        Map<String, String> bodies = new TreeMap<>();
        bodies.put(begin + ",\"key\":\"t/twice\"}", "'key' is given more than once");
        bodies.put(begin + ",\"waitMs\":NaN}", "the body is not JSON");
        bodies.put(begin + ",\"waitMs\":1e3}", "'waitMs' should be a number from 0 to");
        bodies.put(begin + ",\"waitMs\":-1}", "'waitMs' should be a number from 0 to");
        bodies.put(begin + ",\"waitMs\":99999999999999999999999}", "'waitMs' should be a number from 0 to");
        bodies.put(begin + ",\"waitMs\":1.5}", "'waitMs' should be a number from 0 to");
        bodies.put(begin + ",\"ttlMs\":0}", "'ttlMs' should be a number from 1 to");
        bodies.put(begin + ",\"permits\":1}", "'permits' and 'limit' are for semaphores");
        bodies.put(begin + ",\"colour\":1}", "'colour' is not known here");
        bodies.put(begin + ",\"owner\":\"ann\"}", "'owner' should be an object");
        bodies.put(begin + ",\"owner\":{\"type\":\"user\"}}", "'id' of an owner is missing");
        bodies.put(begin + ",\"owner\":{\"type\":\"user\",\"id\":\"a\",\"x\":1}}", "'x' is not known here");
        bodies.put(begin + ",\"owner\":{\"type\":\"user\",\"id\":\"" + "x".repeat(256) + "\"}}", "id");
        bodies.put(begin + ",\"waitMs\":[1]}", "'waitMs' should be a string or a number");
        bodies.put(begin + ",\"acknowledgedSequence\":1000}", "'acknowledgedSequence' should be a number from 0 to");
        bodies.put(begin + ",\"acknowledgedEvents\":\"1\"}", "'acknowledgedEvents' should be the id of an event");
        bodies.put(begin + ",\"owner\":{\"type\":\"user\",\"id\":\"a\",\"id\":\"b\"}}", "'id' is given more than once");
        bodies.put(begin + ",\"owner\":{\"type\":{},\"id\":\"a\"}}", "'type' of an owner is missing");
        bodies.put(begin + ",\"pollMs\":30001}", "'pollMs' should be a number from 0 to 30000");
        bodies.put(begin.replace("t/bad", "t/\\ud800") + "}", "'key' has half of a surrogate pair in it");
        bodies.put(begin.replace("t/bad", "t/\\u0000") + "}", "control character");
        bodies.put(begin.replace("t/bad", "") + "}", "'key' is missing");
        bodies.put(
                begin.replace("\"sequence\":1", "\"sequence\":9007199254740992") + "}",
                "'sequence' should be a number");
        bodies.put(begin.replace("mutex", "semaphore") + "}", "'limit' is missing");
        bodies.put(begin.replace("mutex", "semaphore") + ",\"limit\":0}", "'limit' should be a number from 1 to");
        bodies.put(begin + "}{}", "the body is not JSON");
        bodies.put(begin, "the body is not JSON");
        bodies.put("{}", "'session' is missing");
        bodies.put(begin.replace(session, "x"), "the body is not JSON");
        bodies.put(begin.replace(session, "x") + "}", "'session' should be what POST /v1/sessions gave");
        bodies.put(begin.replace(session, session + "AAAAAAAAAAA") + "}", "'session' should be what POST");
        bodies.put(begin.replace(":1,", ":0,") + "}", "'sequence' should be a number from 1 to");
        bodies.put(begin.replace("mutex", "rwlock") + "}", "'kind' should be 'mutex' or 'semaphore'");
        bodies.put(begin.replace("t/bad", "t/" + "x".repeat(1024)) + "}", "key");
        int sequence = 2;
        for (Map.Entry<String, String> each : bodies.entrySet()) {
            // What the machine has refused stays refused.
            String body = each.getKey().replace("\"sequence\":1,", "\"sequence\":" + sequence++ + ",");
            Reply refused = alice.post("/v1/lockable/acquire", body);
            assertThat(refused.status()).as(each.getKey() + refused.json()).isEqualTo(400);
            assertThat(refused.text("detail")).as(each.getKey()).contains(each.getValue());
        }
        assertThat(alice.post("/v1/sessions", "{\"leaseMs\":1}").as(400).text("detail"))
                .contains("'leaseMs' should be a number from 200 to");
        alice.get("/v1/sessions/events").as(400);
        alice.get("/v1/sessions/events?session=" + session + "&after=x").as(400);
        assertThat(alice.post("/v1/sessions/heartbeat", "x".repeat(70_000))
                        .as(413)
                        .text("title"))
                .isNotEmpty();
        alice.close(session).as(200);
    }
}
