package dev.holdfast.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.SharedCluster;
import dev.holdfast.server.CommandProcess;
import dev.holdfast.server.CommandRun;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.SignalSender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that run another under a hold, on a cluster of processes. They are processes themselves only where signals are
 * sent to them or the command prints: what it inherits in the test's JVM is the build's console.
 */
@ExtendWith(SharedCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LockCommandIT {
    private static final LockOwnerType JOB = Holdfast.createLockOwner("job");

    private ProcessCluster cluster;
    private HoldfastClient client;
    private final List<CommandProcess> started = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeAll
    void connect(ProcessCluster shared) {
        cluster = shared;
        client = Holdfast.connect(
                cluster.servers(),
                ClientOptions.defaults().sessionLease(Duration.ofMinutes(2)).requestTimeout(ProcessCluster.PATIENCE));
        cluster.leader();
    }

    @AfterAll
    void disconnect() {
        client.close();
    }

    @AfterEach
    void stop_commands() {
        // Descendants too: a command that is killed cannot stop what it runs.
        started.forEach(command -> command.handle().descendants().forEach(ProcessHandle::destroyForcibly));
        started.forEach(CommandProcess::close);
        started.clear();
    }

    private Object[] arguments(String command, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(command, "--servers", cluster.servers(), "--timeout", "2m"));
        all.addAll(List.of(arguments));
        return all.toArray();
    }

    private CommandProcess start(String command, Object... arguments) throws Exception {
        CommandProcess process = CommandProcess.start(arguments(command, arguments));
        started.add(process);
        return process;
    }

    private CommandRun run(String command, Object... arguments) {
        return CommandRun.of(arguments(command, arguments));
    }

    private static Lockable key(String key) {
        return new Lockable("thing", key);
    }

    private LockHandle hold(String key, String owner) throws InterruptedException {
        return client.createLock().hold(JOB.of(owner), key(key), AcquireOptions.defaults());
    }

    private void awaitWaiters(String key, int count) {
        await().atMost(ProcessCluster.PATIENCE).until(() -> waiters(key) == count);
    }

    private int waiters(String key) {
        return client.createLock().get(key(key)).map(LockInfo::waiterCount).orElse(0);
    }

    @Test
    void the_command_gets_key_and_token_and_its_exit_code_is_passed_on() throws Exception {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        String script = "echo $HOLDFAST_KEY $HOLDFAST_TOKEN > \"$0\"; exit 7";

        run("lock", "app:order:1", "--", "sh", "-c", script, first).ended(7);
        run("lock", "app:order:1", "--", "sh", "-c", script, second).ended(7);

        assertThat(Files.readString(first)).matches("app:order:1 [0-9]+\n");
        assertThat(token(second)).isGreaterThan(token(first));
        run("lock", "k", "--", "sh", "-c", "kill -TERM $$").ended(143);
        assertThat(client.createLock().isLocked(key("k"))).isFalse();
    }

    /** What the outer one leaves in the environment must not mean something else to the inner one. */
    @Test
    void a_command_may_be_one_of_ours() throws Exception {
        Path witness = folder.resolve("nested");
        List<Object> inner = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        List<Object> all = new ArrayList<>(List.of("outer", "--"));
        all.addAll(inner);
        all.addAll(List.of(arguments("lock", "inner", "--", "touch", witness)));
        run("lock", all.toArray()).ended(0);

        assertThat(witness).exists();
    }

    private static long token(Path file) throws Exception {
        return Long.parseLong(Files.readString(file).strip().split(" ")[1]);
    }

    @Test
    void a_command_that_cannot_be_run_leaves_the_lock_free() throws Exception {
        CommandProcess unrunnable = start("lock", "unrunnable", "--", folder.resolve("no-such-command"));

        assertThat(unrunnable.awaitExitCode()).isIn(126, 127);
        assertThat(client.createLock().isLocked(key("unrunnable"))).isFalse();
    }

    @Test
    void whoever_does_not_get_it_in_time_is_told_who_holds_it() throws Exception {
        LockHandle held = hold("taken", "a");

        assertThat(run("lock", "taken", "--wait", "200ms", "--", "true")
                        .ended(75)
                        .errLine())
                .contains("'taken'", "job:a (token " + held.token() + ")");
        assertThat(run("lock", "taken", "--wait", "0", "--", "true").ended(75).errLine())
                .contains("job:a");
        assertThat(waiters("taken")).isZero();
    }

    @Test
    void a_forced_release_stops_the_command() throws Exception {
        Path running = folder.resolve("running");
        CompletableFuture<CommandRun> holder = CompletableFuture.supplyAsync(
                () -> run("lock", "forced-from-command", "--", "sh", "-c", "touch \"$0\"; exec sleep 600", running));
        await().atMost(ProcessCluster.PATIENCE).until(() -> Files.exists(running));

        assertThat(client.createLock().forceRelease(key("forced-from-command"))).isTrue();

        assertThat(holder.get(2, TimeUnit.MINUTES).ended(76).errLine()).contains("'forced-from-command' is lost");
    }

    @Test
    void a_semaphore_lets_in_as_many_as_it_has() throws Exception {
        client.createSemaphore(2).hold(JOB.of("a"), key("pool"), 2, AcquireOptions.defaults());

        assertThat(run("semaphore", "pool", "--max", "2", "--wait", "200ms", "--", "true")
                        .ended(75)
                        .errLine())
                .contains("'pool'", "job:a");
        run("semaphore", "pool", "--max", "3", "--wait", "2m", "--", "true").ended(0);
        assertThat(run("semaphore", "pool", "--max", "2", "--permits", "3", "--", "true")
                        .ended(2)
                        .errLine())
                .contains("3 were requested");
    }

    @Test
    void a_signal_reaches_all_that_the_command_started_and_the_lock_is_free_at_once() throws Exception {
        CommandProcess holder =
                start("lock", "signalled", "--", "sh", "-c", "sleep 600 & echo $!; echo in; wait; echo never");
        holder.awaitOut("in");
        Optional<ProcessHandle> grandchild = ProcessHandle.of(Long.parseLong(holder.out.get(0)));
        assertThat(client.createLock().isLocked(key("signalled"))).isTrue();

        holder.terminate();

        assertThat(holder.awaitExitCode()).isEqualTo(143);
        assertThat(holder.out).doesNotContain("never");
        await().atMost(ProcessCluster.PATIENCE)
                .until(() -> grandchild.map(process -> !process.isAlive()).orElse(true));
        assertThat(client.createLock().isLocked(key("signalled"))).isFalse();
    }

    @Test
    @Tag("long")
    void a_signal_while_it_waits_gives_up_the_place_in_the_queue() throws Exception {
        LockHandle held = hold("queue", "a");
        CommandProcess waiter = start("lock", "queue", "--", "echo", "never");
        awaitWaiters("queue", 1);

        waiter.terminate();

        assertThat(waiter.awaitExitCode()).isEqualTo(143);
        assertThat(waiter.out).isEmpty();
        assertThat(waiters("queue")).isZero();
        held.release();
    }

    @Test
    @Tag("long")
    void commands_under_one_lock_run_one_at_a_time() throws Exception {
        Path log = folder.resolve("log");
        String script = "echo begin >> \"$0\"; sleep 0.1; echo end >> \"$0\"";
        List<CommandProcess> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(start("lock", "exclusive", "--", "sh", "-c", script, log));
        }
        for (CommandProcess one : all) {
            assertThat(one.awaitExitCode()).isZero();
        }
        assertThat(Files.readAllLines(log)).hasSize(8);
        for (int i = 0; i < 8; i += 2) {
            assertThat(Files.readAllLines(log).subList(i, i + 2)).containsExactly("begin", "end");
        }
    }

    @Test
    @Tag("long")
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
                "trap '' TERM; echo in; while true; do date +%s%N >> \"$0\"; sleep 0.02; done",
                log);
        holder.awaitOut("in");
        CommandProcess next = start("lock", "short", "--", "date", "+%s%N");

        assertThat(holder.awaitExitCode()).isEqualTo(76);
        assertThat(holder.err).singleElement().asString().contains("'short' ends in", "was not renewed");
        assertThat(next.awaitExitCode()).isZero();
        List<String> beats = Files.readAllLines(log);
        assertThat(Long.parseLong(beats.get(beats.size() - 1))).isLessThan(Long.parseLong(next.out.get(0)));
    }

    @Test
    @Tag("long")
    void signals_that_programs_use_among_themselves_reach_the_command() throws Exception {
        CommandProcess holder = start(
                "lock",
                "usr",
                "--",
                "sh",
                "-c",
                "trap 'echo usr1' USR1; trap 'exit 9' ALRM; echo in; while true; do sleep 0.1; done");
        holder.awaitOut("in");

        SignalSender.send("USR1", String.valueOf(holder.handle().pid()));
        holder.awaitOut("usr1");
        SignalSender.send("ALRM", String.valueOf(holder.handle().pid()));

        assertThat(holder.awaitExitCode()).isEqualTo(9);
    }

    @Test
    @Tag("long")
    void the_command_does_not_outlive_a_holder_that_is_killed() throws Exception {
        CommandProcess holder = start("lock", "orphan", "--", "sh", "-c", "echo $$; exec sleep 600");
        await().atMost(ProcessCluster.PATIENCE).until(() -> !holder.out.isEmpty());
        ProcessHandle command =
                ProcessHandle.of(Long.parseLong(holder.out.get(0))).orElseThrow();

        holder.kill();

        command.onExit().get(1, TimeUnit.MINUTES);
    }
}
