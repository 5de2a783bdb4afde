package dev.holdfast.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that runs a command in a group of its own: on a terminal that {@code script} makes, and without one. */
class InTerminalTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** A build in a shell's background ignores these signals, and so would all that it starts. */
    private static final String DEFAULTS = "$SIG{$_} = 'DEFAULT' for qw(INT QUIT); exec @ARGV";

    @TempDir
    Path folder;

    private String perl;
    private Path screen;
    private Process process;

    @BeforeEach
    void write_the_script() throws IOException {
        assumeThat(Programs.find("perl")).isPresent();
        Files.writeString(folder.resolve("in-terminal.pl"), Programs.script("in-terminal.pl"));
        perl = Programs.find("perl").orElseThrow() + " " + folder.resolve("in-terminal.pl") + " ";
        screen = folder.resolve("screen");
    }

    @AfterEach
    void stop_all() {
        if (process != null) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Runs a line of shell on a terminal of its own. */
    private void onTerminal(String line) throws IOException {
        // Of util-linux: others of that name read other arguments.
        assumeThat(new ProcessBuilder(
                                "sh", "-c", "script --version 2>/dev/null | grep -q util-linux && command -v bash")
                        .start()
                        .onExit()
                        .join()
                        .exitValue())
                .isZero();
        ProcessBuilder builder = new ProcessBuilder(
                Programs.find("perl").orElseThrow().toString(), "-e", DEFAULTS, "script", "-qefc", line, "/dev/null");
        builder.environment().put("TERM", "dumb");
        process = builder.redirectErrorStream(true)
                .redirectOutput(screen.toFile())
                .start();
    }

    private void type(String text) throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(text.getBytes(StandardCharsets.US_ASCII));
        keyboard.flush();
    }

    private void awaitScreen(String part) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readString(screen)).contains(part));
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void the_command_reads_from_the_terminal_and_whoever_comes_after_it_too() throws Exception {
        onTerminal(perl + "sh -c 'echo in; read x </dev/tty; echo got-$x; exit 7'; echo code-$?; read y; echo then-$y");
        awaitScreen("in");
        type("one\n");
        awaitScreen("code-7");
        type("two\n");
        awaitScreen("then-two");

        assertThat(Files.readString(screen)).contains("got-one");
    }

    @Test
    void what_is_typed_to_interrupt_or_quit_ends_the_command() throws Exception {
        // A shell that is not interactive ignores neither for what it runs in the foreground.
        onTerminal("bash -c 'trap : INT QUIT; " + perl + "sleep 600; echo code-$?; " + perl
                + "sh -c \"echo second; exec sleep 600\"; echo code-$?'");
        // The terminal passes on what is typed to the group in the foreground: not before the command is there.
        await().atMost(PATIENCE)
                .until(() -> process.descendants()
                        .anyMatch(each -> each.info().command().orElse("").endsWith("sleep")));
        type("\u0003");
        awaitScreen("code-130");
        awaitScreen("second");
        type("\u001c");
        awaitScreen("code-131");
    }

    @Test
    @Tag("long")
    void the_command_stops_with_the_group_that_started_it_and_is_resumed_with_it() throws Exception {
        onTerminal("bash --norc --noprofile --noediting -i");
        // In place of the JVM: a shell that waits. What is typed is on the screen too, and says nothing of what runs.
        type("sh -c \"" + perl + "sh -c 'echo in\\$((1)); read x; echo got-\\$x'; echo code-\\$?\"\n");
        awaitScreen("in1");
        type("\u001a");
        awaitScreen("Stopped");
        type("fg\n");
        type("word\n");
        awaitScreen("got-word");
        awaitScreen("code-0");
    }

    @Test
    void without_a_terminal_the_command_leads_a_group_and_has_no_signal_blocked() throws Exception {
        assumeThat(Path.of("/proc/self/status")).exists();
        assumeThat(Programs.find("setsid")).isPresent();
        Process alone = new ProcessBuilder(List.of(
                        "setsid",
                        "sh",
                        "-c",
                        perl
                                + "sh -c 'ps -o pgid= -p $$ | tr -d \" \"; echo $$; grep SigBlk /proc/self/status; kill -USR1 $$'"
                                + "; echo code-$?"))
                .start();
        List<String> lines = lines(alone.getInputStream());

        assertThat(lines.get(0)).isEqualTo(lines.get(1));
        assertThat(lines.get(2)).matches("SigBlk:\\s+0+");
        assertThat(lines.get(3)).startsWith("code-1");
    }

    private static List<String> lines(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void a_command_that_is_not_there_is_reported() throws Exception {
        Process none = new ProcessBuilder("sh", "-c", perl + "no-such-command 2>&1; echo code-$?").start();

        assertThat(lines(none.getInputStream()))
                .satisfiesExactly(
                        line -> assertThat(line).contains("'no-such-command'"),
                        line -> assertThat(line).isEqualTo("code-127"));
    }
}
