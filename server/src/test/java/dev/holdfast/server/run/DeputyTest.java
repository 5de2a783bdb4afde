package dev.holdfast.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.server.process.SignalSender;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The script that stands in for a holder, with processes that sleep for the command and the holder. */
class DeputyTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final List<Process> started = new ArrayList<>();
    private Process command;
    private Process holder;

    @BeforeEach
    void start_command_and_holder() throws IOException {
        assumeThat(Programs.find("bash")).isPresent();
        assumeThat(Programs.find("setsid")).isPresent();
        command = start("setsid", "sleep", "600");
        holder = start("sleep", "600");
        await().atMost(PATIENCE).until(() -> SignalSender.trySend("0", "-" + command.pid()));
    }

    @AfterEach
    void stop_all() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(String... line) throws IOException {
        Process process = new ProcessBuilder(line).start();
        started.add(process);
        return process;
    }

    private Process deputy(long leftMs) throws IOException {
        return start(
                Programs.find("bash").orElseThrow(),
                "-c",
                Programs.script("deputy.sh"),
                "holdfast",
                "-" + command.pid(),
                String.valueOf(holder.pid()),
                String.valueOf(leftMs));
    }

    private static void say(Process deputy, String line) throws IOException {
        OutputStream out = deputy.getOutputStream();
        out.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void the_command_is_asked_to_end_when_the_holder_is_gone() throws Exception {
        Process deputy = deputy(PATIENCE.toMillis());

        deputy.getOutputStream().close();

        assertThat(exitCode(command)).isEqualTo(128 + 15);
        exitCode(deputy);
    }

    @Test
    void the_command_is_killed_when_its_time_is_over_and_nothing_was_heard() throws Exception {
        deputy(100);

        assertThat(exitCode(command)).isEqualTo(128 + 9);
    }

    @Test
    void what_the_command_has_left_behind_is_spared_when_it_has_ended_in_order() throws Exception {
        Process deputy = deputy(PATIENCE.toMillis());

        say(deputy, "5000");
        say(deputy, "done");
        deputy.getOutputStream().close();

        assertThat(exitCode(deputy)).isZero();
        assertThat(command.isAlive()).isTrue();
    }

    @Test
    void the_command_is_suspended_while_the_holder_is() throws Exception {
        assumeThat(Path.of("/proc/self/stat")).exists();
        Process deputy = deputy(PATIENCE.toMillis());

        SignalSender.send("STOP", String.valueOf(holder.pid()));
        await().atMost(PATIENCE).until(() -> state(command).equals("T"));

        say(deputy, "60000");
        await().atMost(PATIENCE).until(() -> state(command).equals("S"));
    }

    private static String state(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).substring(0, 1);
    }
}
