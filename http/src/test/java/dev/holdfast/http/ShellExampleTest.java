package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.JsonElement;
import dev.holdfast.http.internal.Programs;
import dev.holdfast.node.HoldfastNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The script in {@code docs/http.md}, as it is there. */
@TestInstance(Lifecycle.PER_CLASS)
class ShellExampleTest {
    private static final Path PAGE = Path.of("..", "docs", "http.md");
    private static final Pattern SCRIPT = Pattern.compile("(?ms)^```bash\\n(#!/usr/bin/env bash\\n.*?)^```$");

    private HoldfastNode node;
    private HoldfastHttp http;
    private HttpCaller caller;
    private Path script;

    @TempDir
    private Path folder;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        for (String program : List.of("bash", "curl")) {
            if (!Programs.isInstalled(program)) {
                String missing = program + " is not installed";
                System.out.println("SKIPPED ShellExampleTest: " + missing);
                abort(missing);
            }
        }
        Matcher found = SCRIPT.matcher(Files.readString(PAGE, StandardCharsets.UTF_8));
        assertThat(found.find()).isTrue();
        script = data.resolve("with-lock.sh");
        Files.writeString(script, found.group(1), StandardCharsets.UTF_8);
        node = HoldfastNode.builder().dataFolder(data.resolve("node")).start();
        http = HoldfastHttp.start(node, new MetricRegistry(), "127.0.0.1", 0);
        assertThat(node.awaitReady(HttpCaller.PATIENCE)).isTrue();
        caller = new HttpCaller(http, null);
    }

    @AfterAll
    void stop() {
        if (node != null) {
            http.close();
            node.close();
        }
    }

    private Process run(Path output, Map<String, String> environment, String key, String command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", script.toString(), key, "bash", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // One that nobody answers at comes first, so the next has to be asked.
        builder.environment()
                .put("HOLDFAST_HTTP", "http://127.0.0.1:1 " + http.url().replaceAll("/$", ""));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs it until its command has printed that it has begun. */
    private Process begun(Path output, Map<String, String> environment, String key, String command) throws Exception {
        Process process = run(output, environment, key, command);
        await().atMost(HttpCaller.PATIENCE).until(() -> Files.readString(output).contains("begun"));
        return process;
    }

    private static int exitCode(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(HttpCaller.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            return process.exitValue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private long held(String key) throws Exception {
        return caller.get("/v1/lockable?kind=mutex&key=" + key).as(200).number("held");
    }

    @Test
    void the_command_runs_while_the_lock_is_held_and_its_exit_code_is_passed_on() throws Exception {
        Path output = folder.resolve("output");
        Path end = folder.resolve("end");
        Process process = run(
                output,
                Map.of(),
                "shell/held",
                "echo $HOLDFAST_KEY $HOLDFAST_TOKEN; until [[ -e " + end + " ]]; do sleep 0.1; done; exit 7");
        await().atMost(HttpCaller.PATIENCE).until(() -> Files.readString(output).contains("shell/held "));
        assertThat(held("shell/held")).isEqualTo(1);
        String session = caller.open(600_000);
        long token = caller.acquire(session, 1, "shell/held", "").as(409).number("token");
        assertThat(Files.readString(output)).isEqualTo("shell/held " + token + "\n");

        Files.createFile(end);
        assertThat(exitCode(process)).as(Files.readString(output)).isEqualTo(7);
        assertThat(held("shell/held")).isZero();
        caller.close(session).as(200);
    }

    @Test
    @Tag("long")
    void the_lock_is_kept_for_longer_than_a_lease() throws Exception {
        Path end = folder.resolve("end-of-kept");
        Process process = run(
                folder.resolve("kept"),
                Map.of("LEASE_MS", "10000"),
                "shell/kept",
                "until [[ -e " + end + " ]]; do sleep 0.1; done");
        await().atMost(HttpCaller.PATIENCE).until(() -> held("shell/kept") == 1);
        await().atMost(HttpCaller.PATIENCE).until(() -> openForMs("with-lock.sh") > 15_000);
        assertThat(held("shell/kept")).isEqualTo(1);
        Files.createFile(end);
        assertThat(exitCode(process)).isZero();
        assertThat(held("shell/kept")).isZero();
    }

    private long openForMs(String session) throws Exception {
        return caller.get("/v1/sessions").as(200).json().getAsJsonArray("sessions").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(each -> each.get("name").getAsString().equals(session))
                .mapToLong(each -> each.get("openForMs").getAsLong())
                .max()
                .orElse(0);
    }

    @Test
    void two_take_turns() throws Exception {
        Path log = folder.resolve("log");
        String command = "echo begin >> " + log + "; sleep 0.2; echo end >> " + log;
        List<Process> processes = List.of(
                run(folder.resolve("one"), Map.of(), "shell/turns", command),
                run(folder.resolve("two"), Map.of(), "shell/turns", command),
                run(folder.resolve("three"), Map.of(), "shell/turns", command));
        for (Process each : processes) {
            assertThat(exitCode(each)).isZero();
        }
        assertThat(Files.readString(log)).isEqualTo("begin\nend\n".repeat(3));
    }

    @Test
    void the_command_is_stopped_when_the_lock_is_taken_from_it() throws Exception {
        Path output = folder.resolve("taken");
        Process process = begun(
                output,
                // A heartbeat in a third of that.
                Map.of("LEASE_MS", "12000"),
                "shell/taken",
                "trap 'echo stopped; exit 0' TERM; echo begun; while :; do sleep 0.1; done");
        caller.post("/v1/lockable/force-release", "{\"kind\":\"mutex\",\"key\":\"shell/taken\"}")
                .as(200);
        assertThat(exitCode(process)).as(Files.readString(output)).isEqualTo(76);
        assertThat(Files.readString(output))
                .contains("stopped", "'shell/taken' was lost")
                .doesNotContain("COULD NOT BE STOPPED");
    }

    @Test
    @Tag("long")
    void a_command_that_does_not_stop_is_killed_with_what_it_has_started() throws Exception {
        assumeThat(Path.of("/proc/self/cmdline")).exists();
        Path output = folder.resolve("killed");
        Process process = run(
                output,
                Map.of("LEASE_MS", "12000"),
                "shell/killed",
                "trap '' TERM; sleep 12345 & echo child $!; while :; do sleep 0.1; done");
        Pattern child = Pattern.compile("(?m)^child (\\d+)$");
        await().atMost(HttpCaller.PATIENCE)
                .until(() -> child.matcher(Files.readString(output)).find());
        Matcher found = child.matcher(Files.readString(output));
        assertThat(found.find()).isTrue();
        caller.post("/v1/lockable/force-release", "{\"kind\":\"mutex\",\"key\":\"shell/killed\"}")
                .as(200);
        assertThat(exitCode(process)).as(Files.readString(output)).isEqualTo(76);
        assertThat(Files.readString(output)).doesNotContain("COULD NOT BE STOPPED");
        await().atMost(HttpCaller.PATIENCE)
                .until(() -> commandLine(Long.parseLong(found.group(1))).isEmpty());
    }

    @Test
    void who_is_asked_to_end_passes_that_on_and_gives_the_lock_back() throws Exception {
        Path output = folder.resolve("ended");
        Process process = begun(
                output,
                Map.of(),
                "shell/ended",
                "trap 'echo ended; exit 5' TERM; echo begun; while :; do sleep 0.1; done");
        process.destroy();
        assertThat(exitCode(process)).as(Files.readString(output)).isEqualTo(5);
        assertThat(Files.readString(output)).contains("ended");
        assertThat(held("shell/ended")).isZero();
    }

    private static int bash(String command) throws Exception {
        return exitCode(new ProcessBuilder("bash", "-c", command).inheritIO().start());
    }

    @Test
    @Tag("long")
    void who_hangs_up_ends_the_command_too() throws Exception {
        // What is ignored when a shell begins, as under nohup, it cannot trap.
        assumeThat(bash("trap 'exit 9' HUP; kill -HUP $$; exit 0")).isEqualTo(9);
        Path output = folder.resolve("hung-up");
        Process process = begun(
                output,
                Map.of(),
                "shell/hung-up",
                "trap 'echo ended; exit 5' TERM; echo begun; while :; do sleep 0.1; done");
        assertThat(bash("kill -HUP " + process.pid())).isZero();
        assertThat(exitCode(process)).as(Files.readString(output)).isEqualTo(5);
        assertThat(Files.readString(output)).contains("ended");
        assertThat(held("shell/hung-up")).isZero();
    }

    @Test
    @Tag("long")
    void a_script_that_dies_takes_the_command_along() throws Exception {
        Path output = folder.resolve("died");
        Process process = begun(
                output,
                Map.of(),
                "shell/died",
                "trap 'echo ended; exit 5' TERM; echo begun; while :; do sleep 0.1; done");
        assertThat(bash("kill -USR1 " + process.pid())).isZero();
        assertThat(exitCode(process)).as(Files.readString(output)).isNotZero();
        assertThat(Files.readString(output)).contains("ended");
        // A shell that a signal kills may not come as far as to close its session. Then the lease frees the lock.
        await().atMost(HttpCaller.PATIENCE).until(() -> held("shell/died") == 0);
    }

    @Test
    @Tag("long")
    void the_terminal_does_not_suspend_it() throws Exception {
        Path output = folder.resolve("suspended");
        Path end = folder.resolve("end-of-suspended");
        Process process = begun(
                output, Map.of(), "shell/suspended", "echo begun; until [[ -e " + end + " ]]; do sleep 0.1; done");
        assertThat(bash("kill -TSTP " + process.pid())).isZero();
        Files.createFile(end);
        assertThat(exitCode(process)).as(Files.readString(output)).isZero();
    }

    @Test
    void a_lock_that_was_lost_is_told_though_the_command_ends_by_itself() throws Exception {
        Path output = folder.resolve("lost");
        Path end = folder.resolve("end-of-lost");
        Process process = begun(
                output,
                // No heartbeat before the command ends.
                Map.of("LEASE_MS", "3600000"),
                "shell/lost",
                "echo begun; until [[ -e " + end + " ]]; do sleep 0.1; done; echo done");
        caller.post("/v1/lockable/force-release", "{\"kind\":\"mutex\",\"key\":\"shell/lost\"}")
                .as(200);
        Files.createFile(end);
        assertThat(exitCode(process)).as(Files.readString(output)).isEqualTo(76);
        assertThat(Files.readString(output))
                .contains("done", "'shell/lost' was lost while the command ran", "not-held");
    }

    @Test
    @Tag("long")
    void no_list_of_processes_shows_the_key_of_the_session() throws Exception {
        assumeThat(Path.of("/proc/self/cmdline")).exists();
        String other = caller.open(600_000);
        caller.acquire(other, 1, "shell/secret", "").as(200);
        Path output = folder.resolve("secret");
        // It traces what it does, the key included.
        Process process = run(output, Map.of("SHELLOPTS", "xtrace"), "shell/secret", "true");
        Pattern key = Pattern.compile("(?m)^\\++ session=([A-Za-z0-9_-]{20,})$");
        await().atMost(HttpCaller.PATIENCE)
                .until(() -> key.matcher(Files.readString(output)).find());
        Matcher found = key.matcher(Files.readString(output));
        assertThat(found.find()).isTrue();
        await().atMost(HttpCaller.PATIENCE).until(() -> {
            List<String> commands = process.descendants()
                    .map(each -> commandLine(each.pid()))
                    .filter(each -> each.contains("curl"))
                    .toList();
            assertThat(commands).noneMatch(each -> each.contains(found.group(1)));
            return commands.stream().anyMatch(each -> each.contains("lockable/acquire"));
        });
        caller.close(other).as(200);
        assertThat(exitCode(process)).as(Files.readString(output)).isZero();
    }

    /** Empty if it has ended. */
    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void who_does_not_get_the_lock_says_why() throws Exception {
        String session = caller.open(600_000);
        caller.acquire(session, 1, "shell/busy", "").as(200);
        Path output = folder.resolve("busy");
        Process process = run(output, Map.of("WAIT_MS", "0"), "shell/busy", "echo never");
        assertThat(exitCode(process)).isEqualTo(75);
        assertThat(Files.readString(output))
                .contains("not acquired:", "is held by")
                .doesNotContain("never");
        caller.close(session).as(200);
    }
}
