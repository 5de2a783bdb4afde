package dev.holdfast.server.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.ProcessPeer;
import dev.holdfast.kill.SharedCluster;
import dev.holdfast.server.CommandRun;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The commands that look at a cluster and take locks by force, on a cluster of processes. */
@ExtendWith(SharedCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InspectCommandsIT {
    private static final LockOwnerType JOB = Holdfast.createLockOwner("job");
    private static final Duration LEASE = Duration.ofMinutes(3);

    private ProcessCluster cluster;
    private HoldfastClient client;

    @BeforeAll
    void connect(ProcessCluster shared) {
        cluster = shared;
        client = Holdfast.connect(
                cluster.servers(),
                ClientOptions.defaults()
                        .name("the test's client")
                        .sessionLease(LEASE)
                        .requestTimeout(ProcessCluster.PATIENCE));
        cluster.leader();
    }

    @AfterAll
    void disconnect() {
        client.close();
    }

    private CommandRun run(String command, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(command, "--servers", cluster.servers(), "--timeout", "2m"));
        all.addAll(List.of(arguments));
        return CommandRun.of(all.toArray());
    }

    private CommandRun runWithInput(String input, String command, Object... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return run(command, arguments);
        } finally {
            System.setIn(before);
        }
    }

    private static Lockable key(String key) {
        return new Lockable("thing", key);
    }

    private LockHandle hold(String key, String owner) throws InterruptedException {
        return client.createLock().hold(JOB.of(owner), key(key), AcquireOptions.defaults());
    }

    private CompletableFuture<AcquireResult> queue(String key, String owner) {
        CompletableFuture<AcquireResult> waiter = client.createLock()
                .acquireAsync(JOB.of(owner), key(key), AcquireOptions.defaults().waitForever())
                .toCompletableFuture();
        await().atMost(ProcessCluster.PATIENCE)
                .until(() -> client.createLock().get(key(key)).orElseThrow().waiterCount() == 1);
        return waiter;
    }

    private static JsonObject json(String line) {
        return JsonParser.parseString(line).getAsJsonObject();
    }

    @Test
    void explain_names_the_holder_and_those_who_wait() throws Exception {
        hold("explained", "a");
        CompletableFuture<AcquireResult> waiter = queue("explained", "b");

        assertThat(String.join("\n", run("explain", "explained").ended(0).out()))
                .contains("Lock 'explained' is held", "job:a, token ", "waiting, 1. job:b", "is next");
        JsonObject explained =
                json(run("explain", "explained", "--json").ended(0).outLine());
        assertThat(explained.get("waiterCount").getAsInt()).isEqualTo(1);
        assertThat(explained
                        .getAsJsonArray("holds")
                        .get(0)
                        .getAsJsonObject()
                        .get("owner")
                        .getAsString())
                .isEqualTo("job:a");
        assertThat(run("explain", "explained-by-nobody").ended(0).outLine()).contains("is free");
        waiter.cancel(false);
    }

    @Test
    void history_tells_what_happened_to_a_key() throws Exception {
        hold("remembered", "a");
        CompletableFuture<AcquireResult> waiter = queue("remembered", "b");
        assertThat(client.createLock().forceRelease(key("remembered"))).isTrue();
        waiter.get(2, TimeUnit.MINUTES).orThrow().release();

        List<String> printed = run("history", "remembered").ended(0).out();
        assertThat(printed.get(0)).isEqualTo("Lock 'remembered':");
        assertThat(printed.get(2)).contains("granted", "job:a", "'the test's client' on ");
        assertThat(printed.get(3)).contains("began to wait", "job:b");
        assertThat(printed.get(4)).contains("taken by force after ", "job:a");
        assertThat(printed.get(5)).contains("granted after a wait of ", "job:b");
        assertThat(printed.get(6)).contains("released after ", "job:b");
        assertThat(printed.get(7)).startsWith("All is remembered since ");
        assertThat(run("history", "remembered", "--limit", "2").ended(0).out())
                .hasSize(6)
                .contains("(older changes are remembered, too: --limit)")
                .noneMatch(line -> line.contains("job:a"));
        List<String> lines = run("history", "remembered", "--json").ended(0).out();
        assertThat(lines).hasSize(5);
        assertThat(json(lines.get(2)).get("what").getAsString()).isEqualTo("FORCE_RELEASED");
        assertThat(run("history", "never-locked").ended(0).out())
                .first()
                .isEqualTo("Nothing that happened to 'never-locked' is remembered.");
    }

    @Test
    void a_forced_release_asks_first_and_hands_the_lock_to_the_next() throws Exception {
        LockHandle held = hold("forced", "a");
        CompletableFuture<AcquireResult> waiter = queue("forced", "b");

        assertThat(String.join(
                        "", runWithInput("", "force-release", "forced").ended(2).err()))
                .contains("job:a", "--yes");
        assertThat(String.join(
                        "",
                        runWithInput("n\n", "force-release", "forced").ended(1).err()))
                .contains("nothing was done");
        assertThat(waiter).isNotDone();

        assertThat(runWithInput("y\n", "force-release", "forced").ended(0).outLine())
                .contains("job:a");

        assertThat(waiter.get(2, TimeUnit.MINUTES).token()).isGreaterThan(held.token());
        assertThat(held.lossSignal().toCompletableFuture().get(2, TimeUnit.MINUTES))
                .isEqualTo(LossReason.FORCE_RELEASED);
        assertThat(run("force-release", "forced", "--yes").ended(0).outLine()).contains("job:b");
        assertThat(run("force-release", "forced", "--yes").ended(0).outLine()).contains("is free");
    }

    @Test
    void a_holder_is_asked_to_release() throws Exception {
        LockHandle held = hold("asked", "a");
        CompletableFuture<Void> asked = new CompletableFuture<>();
        held.onReleaseRequested(() -> {
            held.release();
            asked.complete(null);
        });

        assertThat(run("request-release", "asked").ended(0).outLine()).contains("job:a");
        asked.get(2, TimeUnit.MINUTES);
        assertThat(run("request-release", "asked").ended(1).errLine()).contains("is free");
    }

    @Test
    void locks_are_listed_with_owners_and_leases() throws Exception {
        hold("list:1", "list-a");
        client.createSemaphore(3)
                .hold(
                        JOB.of("list-b"),
                        key("list:2"),
                        2,
                        AcquireOptions.defaults().ttl(Duration.ofMinutes(50)));

        assertThat(run("locks", "--prefix", "list:").ended(0).out())
                .satisfiesExactly(
                        heading -> assertThat(heading).contains("KEY", "OWNER", "TOKEN"),
                        lock -> assertThat(lock).contains("list:1", "mutex", "job:list-a", "SESSION"),
                        semaphore -> assertThat(semaphore).contains("list:2", "semaphore", "job:list-b", "TTL, "));
        JsonObject listed =
                json(run("locks", "--owner", "job:list-b", "--json").ended(0).outLine());
        assertThat(listed.get("key").getAsString()).isEqualTo("list:2");
        assertThat(listed.get("held").getAsInt()).isEqualTo(2);
        assertThat(run("locks", "--prefix", "nothing:").ended(0).outLine()).isEqualTo("Nothing is held.");
        assertThat(String.join("\n", run("explain", "list:2").ended(0).out()))
                .contains("permits held: 2, by owners: 1");
    }

    @Test
    void sessions_are_listed_with_their_leases() throws Exception {
        hold("session", "a");

        assertThat(run("sessions").ended(0).out())
                .anyMatch(line -> line.contains("PRINCIPAL  FROM"))
                .anyMatch(line -> line.contains("the test's client") && line.contains("3 m 0 s"));
        assertThat(run("sessions", "--json").ended(0).out())
                .map(InspectCommandsIT::json)
                .filteredOn(session -> session.get("name").getAsString().equals("the test's client"))
                .singleElement()
                .satisfies(
                        session -> assertThat(session.get("lease").getAsLong()).isEqualTo(LEASE.toMillis()));
    }

    @Test
    void rules_are_added_listed_and_removed() {
        assertThat(run("rules").ended(0).outLine()).isEqualTo("There are no rules.");
        assertThat(run("rules", "add", "alice", "read", "orders/").ended(0).outLine())
                .isEqualTo("Added 'alice read orders/'.");
        assertThat(run("rules", "add", "alice lock orders/ owner").ended(0).outLine())
                .isEqualTo("Added 'alice lock orders/ owner'.");
        assertThat(json(run("rules", "add", "alice lock orders/ owner", "--json")
                                .ended(0)
                                .outLine())
                        .get("changed")
                        .getAsBoolean())
                .isFalse();
        run("rules", "add", "@ops", "force", "my keys").ended(0);

        assertThat(run("rules", "list").ended(0).out())
                .containsExactly("@ops force \"my keys\"", "alice lock orders/ owner");
        assertThat(run("rules", "--json").ended(0).out()).first().satisfies(line -> {
            assertThat(json(line).get("subject").getAsString()).isEqualTo("@ops");
            assertThat(json(line).get("role").getAsString()).isEqualTo("FORCE");
            assertThat(json(line).get("keyPrefix").getAsString()).isEqualTo("my keys");
        });
        assertThat(run("rules", "remove", "alice", "read", "orders/").ended(1).errLine())
                .contains("there is no rule 'alice read orders/'");
        assertThat(run("rules", "remove", "alice", "lock", "orders/", "owner")
                        .ended(0)
                        .outLine())
                .isEqualTo("Removed 'alice lock orders/ owner'.");
        run("rules", "remove", "@ops force \"my keys\"").ended(0);
    }

    @Test
    void the_audit_tells_what_was_done_and_from_where() throws Exception {
        hold("audited", "a");
        run("force-release", "audited", "--yes").ended(0);
        run("rules", "add", "auditor read audited").ended(0);
        run("rules", "remove", "auditor read audited").ended(0);

        assertThat(run("audit", "--since", "1h").ended(0).out())
                .anyMatch(line -> line.matches(".* 127\\.0\\.0\\.1 +force-release +mutex audited +1 hold taken"))
                .anyMatch(line -> line.matches(".* put-rule +auditor read audited +added"));
        assertThat(run("audit", "--json").ended(0).out())
                .map(InspectCommandsIT::json)
                .filteredOn(record -> record.get("target").getAsString().equals("auditor read audited"))
                .extracting(record -> record.get("action").getAsString())
                .containsExactly("put-rule", "remove-rule");
    }

    @Test
    void status_tells_who_leads_and_who_is_missing() throws Exception {
        ProcessPeer leader = cluster.leader();
        assertThat(run("status").ended(0).out())
                .anyMatch(line -> line.contains(leader.id() + " leads"))
                .anyMatch(line -> line.startsWith(leader.id()) && line.contains("leader"));
        ProcessPeer follower = cluster.follower();
        cluster.kill(follower);
        try {
            assertThat(run("status").ended(1).out()).anyMatch(line -> line.matches(follower.id() + " .* no answer .*"));
            for (JsonElement member :
                    json(run("status", "--json").ended(1).outLine()).getAsJsonArray("members")) {
                JsonObject view = member.getAsJsonObject();
                assertThat(view.has("role"))
                        .isEqualTo(!view.get("id").getAsString().equals(follower.id()));
            }
        } finally {
            cluster.start(follower.id()).awaitReady();
        }
    }
}
