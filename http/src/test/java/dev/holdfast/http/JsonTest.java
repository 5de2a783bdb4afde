package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.LocalCluster;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.TokenFile;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Three peers, whose callers have to be known, asked by HTTP for JSON. */
@TestInstance(Lifecycle.PER_CLASS)
class JsonTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final byte[] SECRET = "what all members of this cluster know".getBytes(StandardCharsets.UTF_8);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, HoldfastHttp> doors = new TreeMap<>();
    private LocalCluster cluster;
    private String root;
    private String alice;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path tokens = folder.resolve("tokens");
        root = TokenFile.add(tokens, "root", List.of(), null);
        alice = TokenFile.add(tokens, "alice", List.of(), null);
        List<MetricRegistry> registries = new ArrayList<>();
        cluster = LocalCluster.start(folder, 3, builder -> {
            registries.add(new MetricRegistry());
            return builder.access(AccessOptions.closed().withAdmins("root").withTokensFile(tokens))
                    .secret(SECRET)
                    .metrics(registries.get(registries.size() - 1));
        });
        for (HoldfastNode node : cluster.nodes()) {
            doors.put(node.id(), HoldfastHttp.start(node, registries.remove(0), "127.0.0.1", 0));
        }
        try (HoldfastClient admin = Holdfast.connect(
                cluster.servers(),
                ClientOptions.defaults().requestTimeout(PATIENCE).token(() -> root))) {
            admin.putRule(AccessRule.parse("alice force t/"));
        }
    }

    @AfterAll
    void stop() {
        doors.values().forEach(HoldfastHttp::close);
        cluster.close();
    }

    private HoldfastHttp atLeader() {
        return doors.get(cluster.leader().id());
    }

    private HoldfastHttp atFollower() {
        return doors.get(cluster.follower().id());
    }

    private static HttpRequest.Builder to(HoldfastHttp http, String path, @Nullable String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(http.url()).resolve(path)).timeout(PATIENCE);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private JsonObject get(HoldfastHttp http, String path, String token) throws IOException, InterruptedException {
        HttpResponse<String> response = send(to(http, path, token));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    private HttpResponse<String> post(HoldfastHttp http, String path, String token, String body)
            throws IOException, InterruptedException {
        return send(
                to(http, path, token).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));
    }

    private static LockOwner owner(String id) {
        return Holdfast.createLockOwner("user").of(id);
    }

    private static Lockable key(String key) {
        return Holdfast.createLockable(key).of();
    }

    private LockHandle hold(String key, String owner) throws InterruptedException {
        return cluster.leader().client().createLock().hold(owner(owner), key(key), AcquireOptions.defaults());
    }

    private static List<String> strings(JsonArray array, String member) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(each -> each.getAsJsonObject().get(member).getAsString())
                .toList();
    }

    @Test
    void whichever_peer_is_asked_says_who_holds_a_lock() throws Exception {
        try (LockHandle held = hold("t/whichever", "ann")) {
            for (HoldfastHttp http : doors.values()) {
                JsonObject lock = get(http, "/v1/lockable?kind=mutex&key=t/whichever", alice);
                JsonObject hold = lock.getAsJsonArray("holds").get(0).getAsJsonObject();
                assertThat(hold.get("token").getAsLong()).isEqualTo(held.token());
                assertThat(hold.getAsJsonObject("owner").toString())
                        .isEqualTo("{\"type\":\"user\",\"id\":\"ann\",\"within\":null}");
                assertThat(hold.get("lease").getAsString()).isEqualTo("session");
                assertThat(hold.get("leaseLeftMs").isJsonNull()).isTrue();
            }
        }
        JsonObject free = get(atFollower(), "/v1/lockable?kind=semaphore&key=t/whichever", alice);
        assertThat(free.toString())
                .isEqualTo("{\"kind\":\"semaphore\",\"key\":\"t/whichever\",\"held\":0,\"holds\":[],"
                        + "\"waiterCount\":0,\"waiters\":[]}");
    }

    @Test
    void locks_come_page_by_page_and_only_those_that_one_may_see() throws Exception {
        List<LockHandle> held = new ArrayList<>();
        for (String key : List.of("t/page/1", "t/page/2", "t/page/3", "t/page/4", "t/page/5", "secret/page/1")) {
            held.add(hold(key, "ann"));
        }
        List<String> seen = new ArrayList<>();
        String after = "";
        int pages = 0;
        for (; after != null; pages++) {
            JsonObject page = get(atFollower(), "/v1/lockables?limit=2&prefix=t/page/" + after, alice);
            seen.addAll(strings(page.getAsJsonArray("lockables"), "key"));
            JsonElement next = page.get("next");
            after = next == null || next.isJsonNull() ? null : "&after=" + next.getAsString();
        }
        assertThat(seen).containsExactly("t/page/1", "t/page/2", "t/page/3", "t/page/4", "t/page/5");
        assertThat(pages).isEqualTo(3);
        assertThat(strings(
                        get(atLeader(), "/v1/lockables?prefix=secret/", alice).getAsJsonArray("lockables"), "key"))
                .isEmpty();
        assertThat(strings(get(atLeader(), "/v1/lockables?prefix=secret/", root).getAsJsonArray("lockables"), "key"))
                .containsExactly("secret/page/1");
        held.forEach(LockHandle::release);
    }

    @Test
    void a_lock_is_taken_by_whoever_may_and_the_audit_says_who_that_was() throws Exception {
        for (HoldfastHttp http : List.of(atLeader(), atFollower())) {
            hold("t/taken", "ann");
            hold("secret/kept", "ann");
            HttpResponse<String> refused =
                    post(http, "/v1/lockable/force-release", alice, "{\"kind\":\"mutex\",\"key\":\"secret/kept\"}");
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.headers().firstValue("content-type")).contains("application/problem+json");
            JsonObject problem = JsonParser.parseString(refused.body()).getAsJsonObject();
            assertThat(problem.get("title").getAsString()).isEqualTo("Forbidden");
            assertThat(problem.get("detail").getAsString())
                    .contains("principal 'alice' lacks 'force' on 'secret/kept': an admin can grant it with");

            String taken = "{\"kind\":\"mutex\",\"key\":\"t/taken\"}";
            assertThat(post(http, "/v1/lockable/force-release", alice, taken).body())
                    .isEqualTo("{\"taken\":1}");
            assertThat(post(http, "/v1/lockable/force-release", alice, taken).body())
                    .isEqualTo("{\"taken\":0}");
            JsonObject newest = get(http, "/v1/audit", root)
                    .getAsJsonArray("records")
                    .get(1)
                    .getAsJsonObject();
            assertThat(newest.get("principal").getAsString()).isEqualTo("alice");
            assertThat(newest.get("address").getAsString()).isEqualTo("127.0.0.1");
            assertThat(newest.get("target").getAsString()).contains("t/taken");
            post(http, "/v1/lockable/force-release", root, "{\"kind\":\"mutex\",\"key\":\"secret/kept\"}");
        }
        assertThat(send(to(atFollower(), "/v1/audit", alice)).statusCode()).isEqualTo(403);
    }

    @Test
    void what_happened_to_a_lock_is_told_by_whichever_peer_is_asked() throws Exception {
        hold("t/past", "ann").release();
        hold("t/past", "bob");
        post(atFollower(), "/v1/lockable/force-release", alice, "{\"kind\":\"mutex\",\"key\":\"t/past\"}");
        for (HoldfastHttp http : doors.values()) {
            JsonObject history = get(http, "/v1/history?kind=mutex&key=t/past", alice);
            assertThat(strings(history.getAsJsonArray("changes"), "what"))
                    .containsExactly("force-released", "granted", "released", "granted");
            assertThat(history.get("next").isJsonNull()).isTrue();
            assertThat(history.get("knownForMs").isJsonNull())
                    .as("since the cluster began")
                    .isTrue();
            JsonObject taken = history.getAsJsonArray("changes").get(0).getAsJsonObject();
            assertThat(taken.getAsJsonObject("owner").get("id").getAsString()).isEqualTo("bob");
            assertThat(taken.getAsJsonObject("session").get("host").getAsString())
                    .isNotEmpty();
            assertThat(taken.get("lastedMs").getAsLong()).isNotNegative();
            assertThat(taken.get("agoMs").getAsLong()).isNotNegative();
            assertThat(taken.get("token").getAsLong())
                    .isEqualTo(history.getAsJsonArray("changes")
                            .get(1)
                            .getAsJsonObject()
                            .get("token")
                            .getAsLong());
        }
        assertThat(get(atLeader(), "/v1/history?kind=semaphore&key=t/past", alice)
                        .getAsJsonArray("changes"))
                .isEmpty();
    }

    @Test
    void a_history_has_pages() throws Exception {
        for (int i = 0; i < 3; i++) {
            hold("t/long-past", "ann").release();
        }
        List<String> whats = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        String after = "";
        int pages = 0;
        while (after != null) {
            JsonObject page = get(atFollower(), "/v1/history?kind=mutex&key=t/long-past&limit=4" + after, alice);
            whats.addAll(strings(page.getAsJsonArray("changes"), "what"));
            numbers.addAll(strings(page.getAsJsonArray("changes"), "number"));
            JsonElement next = page.get("next");
            after = next.isJsonNull() ? null : "&after=" + next.getAsString();
            pages++;
        }
        assertThat(pages).isEqualTo(2);
        assertThat(numbers).hasSize(6).doesNotHaveDuplicates();
        assertThat(whats).containsExactly("released", "granted", "released", "granted", "released", "granted");
    }

    @Test
    void whoever_may_not_read_a_lock_does_not_see_what_happened_to_it() throws Exception {
        hold("secret/past", "ann").release();
        for (HoldfastHttp http : doors.values()) {
            HttpResponse<String> refused = send(to(http, "/v1/history?kind=mutex&key=secret/past", alice));
            assertProblem(refused, 403, "lacks 'read' on 'secret/past'");
            assertThat(refused.body()).doesNotContain("granted", "ann\"");
            assertThat(get(http, "/v1/history?kind=mutex&key=secret/past", root).getAsJsonArray("changes"))
                    .hasSize(2);
        }
    }

    @Test
    void only_the_hold_with_that_token_is_taken() throws Exception {
        LockHandle held = hold("t/token", "ann");
        String body = "{\"kind\":\"mutex\",\"key\":\"t/token\",\"token\":";
        assertThat(post(atFollower(), "/v1/lockable/force-release", alice, body + (held.token() + 1) + "}")
                        .body())
                .isEqualTo("{\"taken\":0}");
        assertThat(post(atFollower(), "/v1/lockable/force-release", alice, body + held.token() + "}")
                        .body())
                .isEqualTo("{\"taken\":1}");
    }

    @Test
    void a_session_is_listed_under_its_short_id_and_ended_by_it() throws Exception {
        ClientOptions options = ClientOptions.defaults()
                .requestTimeout(PATIENCE)
                .token(() -> root)
                .name("to-be-ended");
        try (HoldfastClient doomed = Holdfast.connect(cluster.servers(), options)) {
            doomed.createLock().hold(owner("ann"), key("t/doomed"), AcquireOptions.defaults());
            JsonArray sessions =
                    get(atFollower(), "/v1/sessions?limit=500", root).getAsJsonArray("sessions");
            JsonObject found = StreamSupport.stream(sessions.spliterator(), false)
                    .map(JsonElement::getAsJsonObject)
                    .filter(each -> each.get("name").getAsString().equals("to-be-ended"))
                    .findFirst()
                    .orElseThrow();
            assertThat(found.get("id").getAsString()).hasSize(8);
            assertThat(found.get("principal").getAsString()).isEqualTo("root");

            String body = "{\"id\":\"" + found.get("id").getAsString() + "\"}";
            assertThat(post(atFollower(), "/v1/sessions/end", alice, body).body())
                    .as("somebody else's is one that is not there")
                    .isEqualTo("{\"ended\":false}");
            assertThat(post(atFollower(), "/v1/sessions/end", root, body).body())
                    .isEqualTo("{\"ended\":true}");
            assertThat(get(atLeader(), "/v1/lockable?kind=mutex&key=t/doomed", root)
                            .get("held")
                            .getAsInt())
                    .isZero();
        }
    }

    @Test
    void who_waits_for_whom_is_told_and_a_deadlock_is_found() throws Exception {
        LockHandle x = hold("t/x", "ann");
        LockHandle y = hold("t/y", "bob");
        var lock = cluster.leader().client().createLock();
        var annWaits = lock.acquireAsync(
                owner("ann"), key("t/y"), AcquireOptions.defaults().waitForever());
        var bobWaits = lock.acquireAsync(
                owner("bob"), key("t/x"), AcquireOptions.defaults().waitForever());
        String path = "/v1/waits?kind=mutex&key=" + URLEncoder.encode("t/y", StandardCharsets.UTF_8);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(atFollower(), path, alice).getAsJsonArray("waits"))
                        .hasSize(2));

        JsonObject waits = get(atFollower(), path, alice);
        JsonArray ring = waits.getAsJsonArray("deadlocks").get(0).getAsJsonArray();
        assertThat(ring.toString()).contains("\"ann\"", "\"bob\"", "\"t/x\"", "\"t/y\"");
        assertThat(ring).hasSize(2);
        assertThat(waits.get("complete").getAsBoolean()).isTrue();
        assertThat(get(atLeader(), "/v1/waits", alice).getAsJsonArray("deadlocks"))
                .isNotEmpty();

        x.release();
        bobWaits.toCompletableFuture().join().orThrow().release();
        y.release();
        annWaits.toCompletableFuture().join().orThrow().release();
        // What is shown may be a second old.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(atLeader(), "/v1/waits?kind=mutex&key=t/y", alice)
                                .getAsJsonArray("deadlocks"))
                        .isEmpty());
    }

    @Test
    void a_peer_says_what_it_is_and_how_all_members_are() throws Exception {
        JsonObject peer = get(atFollower(), "/v1/peer", alice);
        assertThat(peer.get("id").getAsString()).isEqualTo(cluster.follower().id());
        assertThat(peer.getAsJsonObject("cluster").get("id").getAsString())
                .isEqualTo(cluster.leader().clusterId());
        assertThat(peer.get("principal").getAsString()).isEqualTo("alice");
        assertThat(peer.get("admin").getAsBoolean()).isFalse();
        assertThat(get(atLeader(), "/v1/peer", root).get("admin").getAsBoolean())
                .isTrue();

        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonArray members = get(atFollower(), "/v1/members", alice).getAsJsonArray("members");
            assertThat(strings(members, "id"))
                    .isEqualTo(cluster.nodes().stream()
                            .map(HoldfastNode::id)
                            .sorted()
                            .toList());
            assertThat(strings(members, "answers")).containsOnly("true");
            // It is not known before a peer has run for a second.
            assertThat(members).allSatisfy(member -> {
                JsonElement disk = member.getAsJsonObject().get("disk");
                assertThat(disk.isJsonObject()).isTrue();
                assertThat(disk.getAsJsonObject().get("freeBytes").getAsLong()).isPositive();
            });
            List<String> roles = StreamSupport.stream(members.spliterator(), false)
                    .map(each -> each.getAsJsonObject()
                            .getAsJsonArray("groups")
                            .get(0)
                            .getAsJsonObject()
                            .get("role")
                            .getAsString())
                    .sorted()
                    .toList();
            assertThat(roles).containsExactly("follower", "follower", "leader");
        });
    }

    @Test
    void the_summary_counts_grants() throws Exception {
        long before = get(atFollower(), "/v1/summary", root).get("grants").getAsLong();
        hold("t/counted", "ann").release();
        assertThat(get(atFollower(), "/v1/summary", root).get("grants").getAsLong())
                .isGreaterThan(before);
    }

    @Test
    void the_summary_tells_how_long_callers_waited() throws Exception {
        HoldfastLock lock = cluster.leader().client().createLock();
        LockHandle held = hold("t/waited-for", "ann");
        JsonObject before = get(atFollower(), "/v1/summary", root);
        var waiting = lock.acquireAsync(
                owner("bob"), key("t/waited-for"), AcquireOptions.defaults().wait(Duration.ofMinutes(5)));
        await().until(() -> lock.get(key("t/waited-for")).orElseThrow().waiterCount() == 1);
        held.release();
        waiting.toCompletableFuture().get().orThrow().release();

        await().untilAsserted(() -> {
            JsonObject after = get(atFollower(), "/v1/summary", root);
            assertThat(after.get("waits").getAsLong())
                    .isEqualTo(before.get("waits").getAsLong() + 1);
            assertThat(after.get("waitedMs").getAsLong())
                    .isGreaterThan(before.get("waitedMs").getAsLong());
        });
    }

    private void assertProblem(HttpResponse<String> response, int status, String detail) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        JsonObject problem = JsonParser.parseString(response.body()).getAsJsonObject();
        assertThat(problem.get("status").getAsInt()).isEqualTo(status);
        assertThat(problem.get("detail").getAsString()).contains(detail);
    }

    @Test
    void what_is_wrong_with_a_request_is_said_in_words() throws Exception {
        HoldfastHttp http = atFollower();
        HttpResponse<String> nobody = send(to(http, "/v1/peer", null));
        assertProblem(nobody, 401, "give a token or a certificate");
        assertThat(nobody.headers().firstValue("www-authenticate")).contains("Bearer");
        assertProblem(send(to(http, "/v1/peer", "x".repeat(43))), 401, "the token is not known here");
        assertThat(answerTo(http, "GET /v1/peer?%zz HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("the query cannot be read");
        assertProblem(send(to(http, "/v1/nothing", alice)), 404, "there is nothing at this path");
        assertProblem(send(to(http, "/v1/lockable?kind=mutex", alice)), 400, "'key' is missing");
        assertProblem(send(to(http, "/v1/lockable?kind=lock&key=a", alice)), 400, "'mutex' or 'semaphore'");
        assertProblem(
                send(to(http, "/v1/lockable?kind=mutex&key=a&key=b", alice)), 400, "'key' is given more than once");
        assertProblem(send(to(http, "/v1/lockable?kind=mutex&key=secret/a", alice)), 403, "lacks 'read'");
        assertProblem(
                send(to(http, "/v1/lockables?perfix=a", alice)), 400, "'perfix' is not known here; known are after");
        assertProblem(send(to(http, "/v1/lockables?limit=0", alice)), 400, "'limit' should be a number from 1 to 500");
        assertProblem(send(to(http, "/v1/lockables?after=x", alice)), 400, "what an earlier page gave as 'next'");
        assertProblem(
                send(to(http, "/v1/history?kind=mutex&key=t/a&after=x", alice)),
                400,
                "what an earlier page gave as 'next'");
        assertProblem(send(to(http, "/v1/history?kind=mutex", alice)), 400, "'key' is missing");
        assertProblem(send(to(http, "/v1/sessions?after=!", alice)), 400, "what an earlier page gave as 'next'");
        assertProblem(post(http, "/v1/lockables", alice, "{}"), 405, "there is nothing to POST at this path");
        assertProblem(send(to(http, "/v1/sessions/end", alice)), 405, "there is nothing to GET at this path");
        assertProblem(post(http, "/v1/sessions/end", root, "{\"id\":\"x\"}"), 400, "8 hexadecimal digits");
        assertProblem(post(http, "/v1/sessions/end", root, "{\"id\":[]}"), 400, "should be a string or a number");
        assertProblem(post(http, "/v1/sessions/end", root, "[]"), 400, "should be a JSON object");
        assertProblem(post(http, "/v1/sessions/end", root, "{"), 400, "the body is not JSON");
        assertProblem(post(http, "/v1/sessions/end", root, "x".repeat(1 << 17)), 413, "more than 65536 bytes");
        assertProblem(
                send(to(http, "/v1/sessions/end", root).POST(BodyPublishers.ofString("{}"))),
                415,
                "should be 'application/json'");
    }

    @Test
    void a_page_of_another_site_cannot_ask_by_somebody_s_browser() throws Exception {
        HoldfastHttp http = atLeader();
        assertProblem(
                send(to(http, "/v1/peer", root).header("Sec-Fetch-Site", "cross-site")),
                403,
                "a page of another site asked for this");
        assertThat(send(to(http, "/v1/peer", root).header("Sec-Fetch-Site", "same-origin"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(answerTo(http, "GET /v1/peer HTTP/1.1\r\nHost: elsewhere.example\r\n"))
                .startsWith("HTTP/1.1 403")
                .contains("the request is for the host 'elsewhere.example', which is not a name of this peer");
        assertThat(answerTo(http, "GET /v1/peer HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + root + "\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(answerTo(
                        http, "OPTIONS /v1/sessions/end HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.example\r\n"))
                .startsWith("HTTP/1.1 405")
                .doesNotContain("Access-Control");
    }

    private static String answerTo(HoldfastHttp http, String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", http.port())) {
            socket.getOutputStream().write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void a_browser_finds_the_page_and_all_that_belongs_to_it() throws Exception {
        HttpResponse<String> index = send(to(atFollower(), "/", null).header("Accept", "text/html,*/*;q=0.8"));
        assertThat(index.statusCode()).isEqualTo(303);
        assertThat(index.headers().firstValue("location")).contains("/ui");
        HttpResponse<String> page = send(to(atFollower(), "/ui", null));
        assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        List<String> named = java.util.regex.Pattern.compile("\"(/page/[^\"]+)\"")
                .matcher(page.body())
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(named).hasSizeGreaterThanOrEqualTo(2);
        for (String path : named) {
            assertThat(send(to(atFollower(), path, null)).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(send(to(atFollower(), "/openapi.yaml", null)).body()).startsWith("openapi: 3.1.0\n");
        assertThat(send(to(atFollower(), "/openapi", null)).body()).contains("<code>POST /v1/lockable/acquire</code>");
        String script = send(to(atFollower(), "/page/page.js", null)).body();
        List<String> imported = java.util.regex.Pattern.compile("from \"\\./([^\"]+)\"|from \"(/page/[^\"]+)\"")
                .matcher(script)
                .results()
                .map(match -> match.group(1) == null ? match.group(2) : "/page/" + match.group(1))
                .toList();
        assertThat(imported).isNotEmpty();
        for (String path : imported) {
            HttpResponse<String> module = send(to(atFollower(), path, null));
            assertThat(module.statusCode()).as(path).isEqualTo(200);
            assertThat(module.headers().firstValue("content-type")).contains("text/javascript; charset=utf-8");
        }
    }
}
