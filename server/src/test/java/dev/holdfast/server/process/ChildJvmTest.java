package dev.holdfast.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ChildJvmTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Says back what it is told, ends with its standard input, and at once if it has an argument. */
    static final class Echo {
        public static void main(String[] args) throws IOException {
            if (args.length > 0) {
                System.err.println("ends at once");
                System.exit(Integer.parseInt(args[0]));
            }
            System.out.println("up");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println("chatter");
                System.out.println("echo " + line);
            }
        }
    }

    /** Starts an {@link Echo}, suspends it, and tells its process id. */
    static final class Parent {
        public static void main(String[] args) throws Exception {
            ChildJvm child = echo("child").start();
            child.awaitReady(PATIENCE);
            child.suspend();
            System.out.println(child.pid());
            Thread.sleep(PATIENCE.toMillis());
        }
    }

    private static ChildJvm.Plan echo(String name) {
        return ChildJvm.plan(name, Echo.class).jvmOptions(ChildJvm.SHORT_LIVED);
    }

    @Test
    void a_question_is_answered_by_the_line_that_fits_and_the_child_ends_with_its_input() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (ChildJvm child = echo("child").output(lines::add).start()) {
            assertThat(child.awaitReady(PATIENCE)).isEqualTo("up");
            assertThat(child.ask("hello", line -> line.startsWith("echo"), PATIENCE))
                    .isEqualTo("echo hello");
            child.endInput();
            assertThat(child.awaitEnd(PATIENCE)).isZero();
            assertThat(lines).containsExactly("up", "chatter", "echo hello");
            assertThatThrownBy(() -> child.ask("again", line -> true, PATIENCE)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_child_that_ends_before_it_is_ready_is_no_longer_waited_for() throws Exception {
        List<String> errors = new CopyOnWriteArrayList<>();
        try (ChildJvm child = echo("hasty").arguments("7").errors(errors::add).start()) {
            assertThatThrownBy(() -> child.awaitReady(PATIENCE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("hasty ended before this: start");
            assertThat(child.isReady()).isFalse();
            assertThat(child.awaitEnd(PATIENCE)).isEqualTo(7);
            assertThat(errors).containsExactly("ends at once");
        }
    }

    @Test
    void a_suspended_child_does_not_outlive_a_parent_that_is_killed() throws Exception {
        ChildJvm parent = ChildJvm.plan("parent", Parent.class)
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .start();
        long pid = Long.parseLong(parent.awaitReady(PATIENCE));
        assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);

        parent.kill();

        await().atMost(PATIENCE)
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }
}
