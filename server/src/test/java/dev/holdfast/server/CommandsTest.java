package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Which commands a command line knows. */
class CommandsTest {
    private static final Map<String, CommandLine> ALL = Main.commandLine().getSubcommands();

    @Test
    void each_command_is_known_by_its_own_name_and_alone_when_it_is_named() {
        assertThat(ALL).hasSizeGreaterThan(10);
        ALL.forEach((name, command) -> {
            assertThat(command.getCommandSpec().name()).isEqualTo(name);
            if (!name.equals("generate-completion")) {
                assertThat(Main.commandLine(name, "--help").getSubcommands()).containsOnlyKeys(name);
            }
        });
    }

    @Test
    void all_are_known_where_none_is_named() {
        assertThat(Main.commandLine("--help").getSubcommands()).containsOnlyKeys(ALL.keySet());
        assertThat(Main.commandLine("lokc").getSubcommands()).containsOnlyKeys(ALL.keySet());
        assertThat(Main.commandLine("generate-completion").getSubcommands()).containsOnlyKeys(ALL.keySet());
    }
}
