package dev.holdfast.server.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.FreePorts;
import dev.holdfast.server.CommandRun;
import dev.holdfast.server.Main;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the commands say when they are used in the wrong way, or reach nobody. */
class UsageTest {

    static List<List<String>> wrongUsages() {
        return List.of(
                List.of("lock"),
                List.of("lock", "k"),
                List.of("lock", "", "--", "true"),
                List.of("lock", "k".repeat(2000), "--", "true"),
                List.of("lock", "a\nb", "--", "true"),
                List.of("lock", "k", "--ttl", "0", "--", "true"),
                List.of("lock", "k", "--ttl", "-1s", "--", "true"),
                List.of("lock", "k", "--wait", "10", "--", "true"),
                List.of("lock", "k", "--wait", "999999999999h", "--", "true"),
                List.of("lock", "k", "--owner", "nobody", "--", "true"),
                List.of("semaphore", "k", "--", "true"),
                List.of("semaphore", "k", "--max", "0", "--", "true"),
                List.of("semaphore", "k", "--max", "x", "--", "true"),
                List.of("locks", "--bogus"),
                List.of("locks", "--timeout", "0"),
                List.of("locks", "--timeout", "soon"),
                List.of("explain"),
                List.of("history"),
                List.of("history", "k", "--limit", "0"),
                List.of("request-release"),
                List.of("close-session"),
                List.of("members", "lock"),
                List.of("members", "list", "a"),
                List.of("members", "remove"),
                List.of("members", "withdraw"),
                List.of("members", "withdraw", "0123456789ab", "--force"),
                List.of("members", "tokens", "d"),
                List.of("members", "add", "a", "b"),
                List.of("rules", "grant"),
                List.of("rules", "list", "alice"),
                List.of("rules", "add"),
                List.of("rules", "add", "alice"),
                List.of("rules", "add", "@ops", "own", "orders/"),
                List.of("rules", "remove", "alice admin orders/"),
                List.of("audit", "--since", "yesterday"),
                List.of("no-such-command"),
                List.of());
    }

    @ParameterizedTest
    @MethodSource("wrongUsages")
    void wrong_usage_is_reported_in_a_line_or_two(List<String> arguments) {
        CommandRun run = CommandRun.of(arguments.toArray()).ended(2);

        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasSizeBetween(1, 3);
        assertThat(run.err().get(0)).startsWith("holdfast: ").hasSizeLessThan(400);
    }

    @Test
    void an_address_that_is_none_is_reported_in_one_line() {
        assertThat(CommandRun.of("locks", "--servers", "nowhere").ended(2).errLine())
                .contains("'nowhere'", "host:port");
    }

    @ParameterizedTest
    @MethodSource("questions")
    void a_cluster_that_is_down_is_reported_in_one_line(List<String> command) throws IOException {
        String nowhere = "127.0.0.1:" + FreePorts.find(1).get(0);
        List<Object> arguments = new ArrayList<>(List.of(command.get(0), "--servers", nowhere, "--timeout", "500ms"));
        arguments.addAll(command.subList(1, command.size()));

        CommandRun run = CommandRun.of(arguments.toArray()).ended(69);

        assertThat(run.errLine()).startsWith("holdfast: ").contains(nowhere);
        assertThat(run.out()).isEmpty();
    }

    static List<List<String>> questions() {
        return List.of(
                List.of("locks"),
                List.of("sessions"),
                List.of("status"),
                List.of("members"),
                List.of("members", "add", "d"),
                List.of("explain", "k"),
                List.of("request-release", "k"),
                List.of("close-session", "53b2ba57"),
                List.of("rules"),
                List.of("rules", "add", "@ops", "force", "*"),
                List.of("audit"),
                List.of("lock", "k", "--", "false"));
    }

    @Test
    void there_is_a_completion_script() {
        assertThat(String.join(
                        "\n", CommandRun.of("generate-completion").ended(0).out()))
                .contains("force-release", "--permits", "complete -F");
    }

    @Test
    void a_list_of_commands_shows_a_whole_sentence_for_each() {
        assertSentences(Main.commandLine());
    }

    /** Of a description in several lines, the list shows the first. */
    private static void assertSentences(CommandLine command) {
        command.getSubcommands().forEach((name, subcommand) -> {
            if (!name.equals("generate-completion")) {
                assertThat(subcommand.getCommandSpec().usageMessage().description()[0])
                        .as(name)
                        .endsWith(".");
            }
            assertSentences(subcommand);
        });
    }
}
