package dev.holdfast.server.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.server.CommandProcess;
import dev.holdfast.server.packages.SystemdMachine.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The image for containers, made without a base: what it brings, on the Java runtime of this machine instead. */
@Tag("long")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ImageIT {
    private static final Path IMAGE = Path.of(System.getProperty("holdfast.image"));

    @TempDir
    Path folder;

    private JsonObject config;
    private List<String> layers;

    @BeforeEach
    void unpack() throws Exception {
        assertThat(IMAGE).describedAs("made by 'mvn package -Plong'").exists();
        Process tar = new ProcessBuilder("tar", "-xf", IMAGE.toString(), "-C", folder.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor(CommandProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(tar.exitValue()).isZero();
        JsonObject manifest = json("manifest.json").getAsJsonArray().get(0).getAsJsonObject();
        layers = texts(manifest.getAsJsonArray("Layers"));
        config = json(manifest.get("Config").getAsString()).getAsJsonObject().getAsJsonObject("config");
    }

    private JsonElement json(String name) throws Exception {
        return JsonParser.parseString(Files.readString(folder.resolve(name)));
    }

    private static List<String> texts(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonElement::getAsString)
                .toList();
    }

    private List<String> entrypoint() {
        return texts(config.getAsJsonArray("Entrypoint"));
    }

    @Test
    void its_jvm_has_the_options_that_the_launcher_gives_a_node() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home"));
        Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.writeString(java, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(home.resolve("lib"));
        Files.createFile(home.resolve("lib/holdfast-server-1.jar"));
        Path launcher = Files.createDirectories(home.resolve("bin")).resolve("holdfast");
        Files.copy(Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."), "holdfast"), launcher);
        Path printed = folder.resolve("printed.txt");
        ProcessBuilder builder = new ProcessBuilder("bash", launcher.toString(), "node")
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().put("HOLDFAST_CLASS_ARCHIVE", "off");
        builder.environment().remove("JDK_JAVA_OPTIONS");
        assertThat(builder.start().waitFor(CommandProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        List<String> launched = Files.readAllLines(printed);

        assertThat(entrypoint().subList(1, entrypoint().indexOf("-cp")))
                .containsExactlyElementsOf(launched.subList(0, launched.indexOf("-cp")));
    }

    @Test
    void it_runs_as_a_user_without_a_name_writes_to_its_volume_alone_and_stops_in_order() throws Exception {
        assertThat(config.get("User").getAsString()).isEqualTo("65532:65532");
        assertThat(config.getAsJsonObject("Volumes").keySet()).containsExactly("/var/lib/holdfast");
        assertThat(config.getAsJsonObject("ExposedPorts").keySet())
                .containsExactlyInAnyOrder("7101/tcp", "7201/tcp", "7301/tcp");
        String unavailable = SystemdMachine.unavailable();
        if (unavailable != null) {
            System.out.println("SKIPPED ImageIT: running what is in the image: " + unavailable);
            Assumptions.abort(unavailable);
        }
        Path machineFolder = Files.createDirectory(folder.resolve("of-the-machine"));
        try (SystemdMachine machine = SystemdMachine.start(machineFolder)) {
            for (String layer : layers) {
                machine.bring(folder.resolve(layer));
                done(machine, "tar -xzf /root/" + layer + " -C /");
            }
            assertThat(done(machine, "stat -c '%a' /var/lib/holdfast")).isEqualTo("777");
            done(
                    machine,
                    "mkdir -p /etc/holdfast; echo 'holdfast { members = [\"a=127.0.0.1:7101:7201\"], id = a, "
                            + "data = /var/lib/holdfast/data }' >/etc/holdfast/holdfast.conf");
            String program = entrypoint().stream().map(part -> "'" + part + "'").collect(Collectors.joining(" "));

            done(
                    machine,
                    // By setpriv: systemd knows users with names only.
                    "systemd-run --unit=image --property=ProtectSystem=strict --property=ReadWritePaths=/var/lib/holdfast"
                            + " --property=PrivateTmp=true --remain-after-exit setpriv --reuid=65532 --regid=65532"
                            + " --clear-groups --bounding-set=-all --no-new-privs " + program
                            + " node --config /etc/holdfast/holdfast.conf");
            await().atMost(CommandProcess.PATIENCE)
                    .untilAsserted(() -> assertThat(done(machine, "journalctl -u image --no-pager"))
                            .contains("holdfast node a ready: "));
            assertThat(done(machine, program + " status --servers 127.0.0.1:7201"))
                    .contains("127.0.0.1:7201");
            assertThat(done(machine, "stat -c '%u' /var/lib/holdfast/data")).isEqualTo("65532");

            done(machine, "systemctl kill --signal=TERM --kill-who=main image");
            await().atMost(CommandProcess.PATIENCE)
                    .untilAsserted(() -> assertThat(done(machine, "systemctl show --value --property=SubState image"))
                            .isEqualTo("exited"));
            assertThat(done(machine, "systemctl show --value --property=ExecMainStatus image"))
                    .isEqualTo("0");
        }
    }

    private static String done(SystemdMachine machine, String command) throws Exception {
        Result result = machine.run(command);
        assertThat(result.exitCode())
                .describedAs("%s: %s", command, result.printed())
                .isZero();
        return result.printed();
    }
}
