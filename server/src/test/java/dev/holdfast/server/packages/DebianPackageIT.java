package dev.holdfast.server.packages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.packages.SystemdMachine.Result;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The package for Debian, installed by {@code dpkg} and run by systemd, on a machine of its own. */
@Tag("long")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DebianPackageIT {
    private static final Path PACKAGE = Path.of(System.getProperty("holdfast.deb"));
    private static final String INSTALL = "dpkg -i /root/" + PACKAGE.getFileName();
    private static final String HTTP = "sed -i 's/# http.listen/http.listen/' /etc/holdfast/holdfast.conf";

    @TempDir
    Path folder;

    private SystemdMachine machine;

    @BeforeEach
    void install() throws Exception {
        assertThat(PACKAGE).describedAs("made by 'mvn package -Plong'").exists();
        String unavailable = SystemdMachine.unavailable();
        if (unavailable != null) {
            skip(unavailable);
        }
        machine = SystemdMachine.start(folder);
        if (machine.run("dpkg-query --status holdfast || id holdfast").exitCode() == 0) {
            skip("a package, or a user, holdfast is there already");
        }
        machine.bring(PACKAGE);
        Result trial = machine.run("dpkg --dry-run -i /root/" + PACKAGE.getFileName());
        if (trial.printed().contains("dependency problems")) {
            skip("what it depends on is not installed: " + trial.printed());
        }
        assertThat(done(INSTALL)).contains("name the members in /etc/holdfast/holdfast.conf");
    }

    private static void skip(String why) {
        System.out.println("SKIPPED DebianPackageIT: installing the package: " + why);
        Assumptions.abort(why);
    }

    @AfterEach
    void close_machine() throws Exception {
        if (machine != null) {
            machine.close();
        }
    }

    /** Does it there, successfully, and returns what it printed. */
    private String done(String command) throws Exception {
        Result result = machine.run(command);
        assertThat(result.exitCode())
                .describedAs("%s: %s", command, result.printed())
                .isZero();
        return result.printed();
    }

    private String shows(String property) throws Exception {
        return done("systemctl show --value --property=" + property + " holdfast");
    }

    private void start() throws Exception {
        Result result = machine.run("systemctl start holdfast");
        assertThat(result.exitCode())
                .describedAs(machine.run("journalctl -u holdfast --no-pager").printed())
                .isZero();
    }

    @Test
    void files_are_roots_and_folders_with_keys_and_data_are_closed() throws Exception {
        assertThat(done("dpkg --verify holdfast")).isEmpty();
        assertThat(done(
                        "stat -c '%A %U:%G %n' /etc/holdfast /etc/holdfast/* /var/lib/holdfast /usr/share/holdfast/bin/holdfast"
                                + " /usr/lib/systemd/system/holdfast.service"))
                .isEqualTo(String.join(
                        "\n",
                        "drwxr-x--- root:holdfast /etc/holdfast",
                        "-rw-r--r-- root:root /etc/holdfast/holdfast.conf",
                        "-rw-r--r-- root:root /etc/holdfast/holdfast.env",
                        "drwx------ holdfast:holdfast /var/lib/holdfast",
                        "-rwxr-xr-x root:root /usr/share/holdfast/bin/holdfast",
                        "-rw-r--r-- root:root /usr/lib/systemd/system/holdfast.service"));
        assertThat(done("find /usr/share/holdfast /usr/share/doc/holdfast ! -user root -o -perm /022 ! -type l"))
                .isEmpty();
        assertThat(done("dpkg-query --show --showformat='${Conffiles}' holdfast"))
                .contains("/etc/holdfast/holdfast.conf", "/etc/holdfast/holdfast.env");
        assertThat(done("getent passwd holdfast")).matches("holdfast:x:\\d{3}:\\d+:[^:]*:/var/lib/holdfast:.*/nologin");
        assertThat(done("holdfast --version")).startsWith("holdfast ");
    }

    @Test
    void its_unit_is_valid_and_neither_enabled_nor_started() throws Exception {
        // What it has to say of others is not ours.
        assertThat(done("systemd-analyze verify holdfast.service").lines())
                .noneMatch(line -> line.contains("holdfast"));
        assertThat(machine.run("systemctl is-enabled holdfast").printed()).isEqualTo("disabled");
        assertThat(machine.run("systemctl is-active holdfast").printed()).isEqualTo("inactive");
        assertThat(done("find /var/lib/holdfast -mindepth 1")).isEmpty();
    }

    @Test
    void its_service_has_started_when_it_is_ready_and_stops_in_order() throws Exception {
        start();

        assertThat(done("holdfast lock --servers 127.0.0.1:7201 --timeout 1m order:42 -- echo held"))
                .endsWith("held");
        assertThat(shows("StatusText")).startsWith("holdfast node a ready: ");
        assertThat(done("ps -o user= -p " + shows("MainPID"))).isEqualTo("holdfast");
        assertThat(done("find /var/lib/holdfast -mindepth 1 ! -user holdfast -o -perm /077"))
                .isEmpty();

        done("systemctl stop holdfast");
        assertThat(shows("Result")).isEqualTo("success");
        assertThat(shows("ExecMainStatus")).isEqualTo("0");
    }

    @Test
    void a_wrong_configuration_fails_the_start_at_once_and_for_good() throws Exception {
        done("echo 'holdfast.drain-timout = 1 s' >>/etc/holdfast/holdfast.conf");

        assertThat(machine.run("systemctl start holdfast").exitCode()).isNotZero();

        assertThat(shows("ExecMainStatus")).isEqualTo("78");
        assertThat(shows("ActiveState")).isEqualTo("failed");
        assertThat(done("journalctl -u holdfast --no-pager")).contains("did you mean holdfast.drain-timeout?");
    }

    @Test
    void a_member_that_waits_for_the_others_does_not_hold_up_whoever_started_it() throws Exception {
        done("echo 'HOLDFAST_MEMBERS=a=127.0.0.1:7101:7201,b=127.0.0.1:7102:7202,c=127.0.0.1:7103:7203'"
                + " >>/etc/holdfast/holdfast.env");

        start();

        assertThat(shows("StatusText"))
                .startsWith("peer a: the cluster is not born yet")
                .contains("b, c are missing");
        assertThat(shows("ActiveState")).isEqualTo("active");
    }

    @Test
    void to_install_it_again_keeps_the_settings_and_restarts_what_runs() throws Exception {
        done(HTTP);
        start();
        String before = shows("MainPID");
        done("touch /usr/share/holdfast/lib/classes-1-2-3.jsa");

        done(INSTALL);

        assertThat(shows("MainPID")).isNotEqualTo(before);
        assertThat(shows("StatusText")).contains(", http http://127.0.0.1:7301");
        assertThat(done("find /usr/share/holdfast/lib -name 'classes-*'")).isEmpty();
    }

    @Test
    void removal_stops_it_and_keeps_settings_and_data_and_what_comes_back_goes_on_with_them() throws Exception {
        done(HTTP);
        start();
        done("systemctl enable holdfast");
        done("touch /usr/share/holdfast/lib/classes-1-2-3.jsa");
        String cluster = shows("StatusText").replaceAll(".*cluster ", "");

        done("dpkg --remove holdfast");

        assertThat(machine.run("pgrep -u holdfast").printed()).isEmpty();
        assertThat(machine.run("ls -d /usr/share/holdfast /usr/bin/holdfast /etc/systemd/system/*/holdfast.service")
                        .printed()
                        .lines())
                .hasSize(3)
                .allMatch(line -> line.contains("No such file"));
        assertThat(done("grep -c '^  http.listen' /etc/holdfast/holdfast.conf")).isEqualTo("1");

        done(INSTALL);
        start();
        assertThat(shows("StatusText")).endsWith(cluster).contains(", http ");
    }

    @Test
    void a_purge_deletes_the_settings_but_neither_keys_nor_data() throws Exception {
        start();
        done("echo secret >/etc/holdfast/member.key");

        assertThat(done("dpkg --purge holdfast"))
                .contains("/etc/holdfast stays, with what is in it")
                .contains("/var/lib/holdfast stays, with what is in it");

        assertThat(done("ls /etc/holdfast")).isEqualTo("member.key");
        assertThat(done("find /var/lib/holdfast -type f")).isNotEmpty();
        assertThat(machine.run("dpkg-query --status holdfast").exitCode()).isNotZero();
    }

    @Test
    void a_purge_without_keys_and_data_leaves_no_folder() throws Exception {
        assertThat(done("dpkg --purge holdfast")).doesNotContain("stays");

        assertThat(machine.run("ls -d /etc/holdfast /var/lib/holdfast")
                        .printed()
                        .lines())
                .hasSize(2)
                .allMatch(line -> line.contains("No such file"));
    }
}
