package dev.holdfast.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.ProcessCluster.Peer;
import dev.holdfast.node.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The commands for the shell, each as a process, against three peers, each a process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShellCommandsIT {
    private ProcessCluster cluster;
    private final List<CommandProcess> started = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeAll
    void startCluster(@TempDir Path data) throws IOException {
        cluster = ProcessCluster.startThree(data, 0);
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @AfterEach
    void stopCommands() {
        // Descendants too: a command that is killed cannot stop what it runs.
        started.forEach(command -> command.handle().descendants().forEach(ProcessHandle::destroyForcibly));
        started.forEach(CommandProcess::close);
        started.clear();
    }

    private CommandProcess start(String command, Object... arguments) throws IOException {
        return startAt(cluster.servers(), command, arguments);
    }

    private CommandProcess startAt(String servers, String command, Object... arguments) throws IOException {
        List<Object> all = new ArrayList<>(List.of(command, "--servers", servers));
        all.addAll(List.of(arguments));
        CommandProcess process = CommandProcess.start(all.toArray());
        started.add(process);
        return process;
    }

    /** Fails if the exit code is another. */
    private CommandProcess run(int exitCode, String command, Object... arguments) throws Exception {
        CommandProcess process = start(command, arguments);
        assertThat(process.run())
                .describedAs("output %s, errors %s", process.out, process.err)
                .isEqualTo(exitCode);
        return process;
    }

    private static String only(List<String> lines) {
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    @Test
    void commands_under_one_lock_run_one_at_a_time() throws Exception {
        Path log = folder.resolve("log");
        String script = "echo begin >> " + log + "; sleep 0.1; echo end >> " + log;
        List<CommandProcess> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(start("lock", "exclusive", "--", "sh", "-c", script));
        }
        for (CommandProcess one : all) {
            assertThat(one.run()).isZero();
        }
        assertThat(Files.readAllLines(log)).hasSize(8);
        for (int i = 0; i < 8; i += 2) {
            assertThat(Files.readAllLines(log).subList(i, i + 2)).containsExactly("begin", "end");
        }
    }

    @Test
    void the_command_gets_key_and_token_and_its_exit_code_is_passed_on() throws Exception {
        String script = "echo $HOLDFAST_KEY $HOLDFAST_TOKEN; exit 7";
        String first = only(run(7, "lock", "app:order:1", "--", "sh", "-c", script).out);
        String second = only(run(7, "lock", "app:order:1", "--", "sh", "-c", script).out);
        assertThat(first).matches("app:order:1 [0-9]+");
        assertThat(Long.parseLong(second.split(" ")[1])).isGreaterThan(Long.parseLong(first.split(" ")[1]));
        run(143, "lock", "k", "--", "sh", "-c", "kill -TERM $$");
        run(127, "lock", "k", "--", "no-such-command");
    }

    @Test
    void who_does_not_get_it_in_time_hears_whose_it_is_and_force_takes_it() throws Exception {
        CommandProcess holder = start("lock", "taken", "--owner", "job:a", "--", "sh", "-c", "echo in; exec sleep 600");
        holder.awaitOut("in");

        assertThat(only(run(75, "lock", "taken", "--wait", "200ms", "--", "true").err))
                .contains("'taken'", "job:a");
        assertThat(only(run(75, "lock", "taken", "--wait", "0", "--", "true").err))
                .contains("job:a");
        CommandProcess waiter = start("lock", "taken", "--owner", "job:b", "--", "echo", "got it");
        await().atMost(CommandProcess.PATIENCE)
                .untilAsserted(() -> assertThat(String.join("\n", run(0, "explain", "taken").out))
                        .contains("Lock 'taken' is held", "job:a, token ", "waiting, 1. job:b", "is next"));
        JsonObject explained = JsonParser.parseString(only(run(0, "explain", "taken", "--json").out))
                .getAsJsonObject();
        assertThat(explained.get("waiterCount").getAsInt()).isEqualTo(1);
        assertThat(explained
                        .getAsJsonArray("holds")
                        .get(0)
                        .getAsJsonObject()
                        .get("owner")
                        .getAsString())
                .isEqualTo("job:a");

        assertThat(String.join("", run(2, "force-release", "taken").err)).contains("job:a", "--yes");
        assertThat(only(run(0, "force-release", "taken", "--yes").out)).contains("job:a");
        assertThat(holder.run()).isEqualTo(76);
        assertThat(only(holder.err)).contains("'taken' is lost");
        waiter.awaitOut("got it");
        assertThat(waiter.run()).isZero();
        assertThat(only(run(0, "force-release", "taken", "--yes").out)).contains("is free");
        assertThat(only(run(0, "explain", "taken").out)).contains("is free");
    }

    @Test
    void locks_and_sessions_are_listed() throws Exception {
        CommandProcess one = start("lock", "list:1", "--owner", "job:a", "--", "sh", "-c", "echo in; exec sleep 600");
        CommandProcess two = start(
                "semaphore",
                "list:2",
                "--max",
                "3",
                "--permits",
                "2",
                "--ttl",
                "10m",
                "--owner",
                "job:b",
                "--",
                "sh",
                "-c",
                "echo in; exec sleep 600");
        one.awaitOut("in");
        two.awaitOut("in");

        assertThat(run(0, "locks", "--prefix", "list:").out)
                .satisfiesExactly(
                        heading -> assertThat(heading).contains("KEY", "OWNER", "TOKEN"),
                        lock -> assertThat(lock).contains("list:1", "mutex", "job:a", "SESSION"),
                        semaphore -> assertThat(semaphore).contains("list:2", "semaphore", "job:b", "TTL, "));
        JsonObject listed = JsonParser.parseString(only(run(0, "locks", "--owner", "job:b", "--json").out))
                .getAsJsonObject();
        assertThat(listed.get("key").getAsString()).isEqualTo("list:2");
        assertThat(listed.get("held").getAsInt()).isEqualTo(2);
        assertThat(run(0, "sessions").out).anyMatch(line -> line.contains("holdfast sh") && line.contains("8.0 s"));
        for (String line : run(0, "sessions", "--json").out) {
            assertThat(JsonParser.parseString(line)
                            .getAsJsonObject()
                            .get("lease")
                            .getAsLong())
                    .isEqualTo(8000);
        }
        assertThat(only(run(0, "locks", "--prefix", "nothing:").out)).isEqualTo("Nothing is held.");
    }

    @Test
    void a_semaphore_lets_in_as_many_as_it_has() throws Exception {
        for (int i = 0; i < 2; i++) {
            start("semaphore", "pool", "--max", "2", "--", "sh", "-c", "echo in; exec sleep 600")
                    .awaitOut("in");
        }
        assertThat(only(run(75, "semaphore", "pool", "--max", "2", "--wait", "200ms", "--", "true").err))
                .contains("'pool'");
        run(0, "semaphore", "pool", "--max", "3", "--wait", "10s", "--", "true");
        assertThat(only(run(2, "semaphore", "pool", "--max", "2", "--permits", "3", "--", "true").err))
                .contains("3 were requested");
        assertThat(String.join("\n", run(0, "explain", "pool").out)).contains("permits held: 2, by owners: 2");
    }

    @Test
    void a_signal_reaches_all_that_the_command_started_and_the_lock_is_free_at_once() throws Exception {
        CommandProcess holder =
                start("lock", "signalled", "--", "sh", "-c", "sleep 600 & echo $!; echo in; wait; echo never");
        holder.awaitOut("in");
        ProcessHandle grandchild =
                ProcessHandle.of(Long.parseLong(holder.out.get(0))).orElseThrow();

        holder.terminate();

        assertThat(holder.run()).isEqualTo(143);
        await().atMost(CommandProcess.PATIENCE).until(() -> !grandchild.isAlive());
        run(0, "lock", "signalled", "--wait", "5s", "--", "true");
    }

    @Test
    void a_signal_while_it_waits_gives_up_the_place_in_the_queue() throws Exception {
        CommandProcess holder = start("lock", "queue", "--", "sh", "-c", "echo in; exec sleep 600");
        holder.awaitOut("in");
        CommandProcess waiter = start("lock", "queue", "--", "echo", "never");
        await().atMost(CommandProcess.PATIENCE)
                .until(() -> String.join("", run(0, "explain", "queue").out).contains("waiting, 1."));
        waiter.terminate();
        assertThat(waiter.run()).isEqualTo(143);
        assertThat(waiter.out).isEmpty();
        assertThat(String.join("", run(0, "explain", "queue").out)).doesNotContain("waiting");
    }

    @Test
    void a_command_that_will_not_end_is_killed_before_its_lease_runs_out() throws Exception {
        Path log = folder.resolve("beats");
        CommandProcess holder = start(
                "lock",
                "short",
                "--ttl",
                "3s",
                "--",
                "sh",
                "-c",
                "trap '' TERM; echo in; while true; do date +%s%N >> " + log + "; sleep 0.02; done");
        holder.awaitOut("in");
        String granted = only(run(0, "lock", "short", "--wait", "30s", "--", "date", "+%s%N").out);
        assertThat(holder.run()).isEqualTo(76);
        assertThat(only(holder.err)).contains("'short' ends in", "was not renewed");
        List<String> beats = Files.readAllLines(log);
        assertThat(Long.parseLong(beats.get(beats.size() - 1))).isLessThan(Long.parseLong(granted));
    }

    @Test
    void wrong_usage_is_told_in_a_line_or_two() throws Exception {
        List<Object[]> wrong = List.of(
                new Object[] {"lock"},
                new Object[] {"lock", "k"},
                new Object[] {"lock", "", "--", "true"},
                new Object[] {"lock", "k".repeat(2000), "--", "true"},
                new Object[] {"lock", "a\nb", "--", "true"},
                new Object[] {"lock", "k", "--ttl", "0", "--", "true"},
                new Object[] {"lock", "k", "--ttl", "-1s", "--", "true"},
                new Object[] {"lock", "k", "--wait", "10", "--", "true"},
                new Object[] {"lock", "k", "--wait", "999999999999h", "--", "true"},
                new Object[] {"lock", "k", "--owner", "nobody", "--", "true"},
                new Object[] {"semaphore", "k", "--", "true"},
                new Object[] {"semaphore", "k", "--max", "0", "--", "true"},
                new Object[] {"semaphore", "k", "--max", "x", "--", "true"},
                new Object[] {"locks", "--bogus"},
                new Object[] {"explain"});
        List<CommandProcess> all = new ArrayList<>();
        for (Object[] arguments : wrong) {
            CommandProcess process = CommandProcess.start(arguments);
            started.add(process);
            assertThat(process.run())
                    .describedAs("%s: output %s, errors %s", List.of(arguments), process.out, process.err)
                    .isEqualTo(2);
            assertThat(process.err).hasSizeBetween(1, 3);
            assertThat(process.err.get(0)).startsWith("holdfast: ").hasSizeLessThan(400);
            all.add(process);
        }
        assertThat(all).hasSameSizeAs(wrong);
        CommandProcess servers = startAt("nowhere", "locks");
        assertThat(servers.run()).isEqualTo(2);
        assertThat(only(servers.err)).contains("'nowhere'", "host:port");
    }

    @Test
    void a_cluster_that_is_down_is_one_line() throws Exception {
        String nowhere = "127.0.0.1:" + FreePorts.find(1).get(0);
        // At the same time: each waits for a while before it gives up.
        CommandProcess lock = startAt(nowhere, "lock", "k", "--", "echo", "never");
        List<CommandProcess> questions = new ArrayList<>();
        for (String command : List.of("locks", "sessions", "status")) {
            questions.add(startAt(nowhere, command));
        }
        for (CommandProcess process : questions) {
            assertThat(process.run()).isEqualTo(69);
            assertThat(only(process.err)).startsWith("holdfast: ").contains(nowhere);
            assertThat(process.out).isEmpty();
        }
        assertThat(lock.run()).isEqualTo(69);
        assertThat(only(lock.err)).contains(nowhere);
        assertThat(lock.out).isEmpty();
    }

    @Test
    void status_tells_who_leads_and_who_is_missing() throws Exception {
        Peer leader = cluster.leader();
        assertThat(run(0, "status").out)
                .anyMatch(line -> line.contains(leader.id + " leads"))
                .anyMatch(line -> line.startsWith(leader.id) && line.contains("leader"));
        Peer follower = cluster.running().stream()
                .filter(peer -> peer != leader)
                .findFirst()
                .orElseThrow();
        cluster.kill(follower);
        try {
            assertThat(run(1, "status").out).anyMatch(line -> line.matches(follower.id + " .* no answer .*"));
            JsonArray members = JsonParser.parseString(only(run(1, "status", "--json").out))
                    .getAsJsonObject()
                    .getAsJsonArray("members");
            for (JsonElement member : members) {
                boolean isMissing =
                        member.getAsJsonObject().get("id").getAsString().equals(follower.id);
                assertThat(member.getAsJsonObject().has("role")).isEqualTo(!isMissing);
            }
        } finally {
            cluster.start(follower.id).awaitLine(0, "READY"::equals);
        }
    }

    @Test
    void there_is_a_completion_script() throws Exception {
        CommandProcess process = CommandProcess.start("generate-completion");
        started.add(process);
        assertThat(process.run()).isZero();
        assertThat(String.join("\n", process.out)).contains("force-release", "--permits", "complete -F");
    }
}
