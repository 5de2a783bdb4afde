package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class UpgradeFaultTest {
    @TempDir
    Path folder;

    private String refused(String... arguments) {
        StringWriter said = new StringWriter();
        CommandLine command = VerifyCommand.commandLine().setErr(new PrintWriter(said));
        assertThat(command.execute(arguments)).isEqualTo(CommandLine.ExitCode.USAGE);
        return said.toString();
    }

    @Test
    void without_the_jars_of_an_older_release_it_is_refused_and_says_what_it_needs() {
        assertThat(refused("--faults", "rolling-upgrade")).contains("rolling-upgrade needs --old-lib FOLDER");
        assertThat(Faults.all())
                .filteredOn(fault -> fault.name().equals("rolling-upgrade"))
                .singleElement()
                .satisfies(fault -> assertThat(fault.unavailable()).contains("--old-lib"));
    }

    @Test
    void a_folder_that_cannot_be_read_or_has_no_release_is_refused() {
        assertThat(refused("--old-lib", folder.toString())).contains("--old-lib", "all jars of a release");
        assertThat(refused("--old-lib", folder.resolve("none").toString())).contains("--old-lib", "none");
    }

    @Test
    void it_comes_before_the_faults_that_are_for_the_present_build() {
        List<Fault> faults = new ArrayList<>(Faults.all());
        UpgradeFault.putFirst(faults);
        assertThat(faults.get(0).name()).isEqualTo("rolling-upgrade");
        assertThat(faults).containsExactlyInAnyOrderElementsOf(Faults.all());
    }
}
