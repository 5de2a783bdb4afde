package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/**
 * {@code holdfast} with some arguments, executed in the test's JVM.
 *
 * @param exitCode how it ended
 * @param out the lines of its standard output
 * @param err those of its standard error
 */
public record CommandRun(int exitCode, List<String> out, List<String> err) {

    /** Executes it, and blocks until it ends. */
    public static CommandRun of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
        CommandLine commandLine =
                Main.commandLine(words).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode = commandLine.execute(words);
        return new CommandRun(
                exitCode,
                out.toString().lines().toList(),
                err.toString().lines().toList());
    }

    /** Fails unless it ended so. */
    public CommandRun ended(int expected) {
        assertThat(exitCode).describedAs("output %s, errors %s", out, err).isEqualTo(expected);
        return this;
    }

    /** The one line of its standard output. */
    public String outLine() {
        assertThat(out).describedAs("errors %s", err).hasSize(1);
        return out.get(0);
    }

    /** The one line of its standard error. */
    public String errLine() {
        assertThat(err).describedAs("output %s", out).hasSize(1);
        return err.get(0);
    }
}
