package dev.holdfast.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The samples that users start from, in {@code config/} of the project. */
class SamplesTest {
    private static final Path SAMPLES = Path.of("..", "config");

    static Stream<Path> samples() throws Exception {
        try (Stream<Path> files = Files.list(SAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".conf")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void each_can_be_used(Path sample) throws Exception {
        NodeConfig config = NodeConfigReader.read(sample, Map.of("holdfast.id", "c"), Map.of());
        assertThat(config.members()).hasSize(3);
        assertThat(config.data()).isAbsolute();
    }

    @Test
    void what_the_package_for_debian_brings_is_a_peer_for_this_host_alone() throws Exception {
        NodeConfig config = NodeConfigReader.read(
                Path.of("..", "deploy", "debian", "holdfast.conf"), Map.of(), Map.of("HOLDFAST_ID", "a"));
        assertThat(config.members())
                .singleElement()
                .satisfies(member -> assertThat(member.host()).isEqualTo("127.0.0.1"));
        assertThat(config.data()).isEqualTo(Path.of("/var/lib/holdfast"));
    }

    @Test
    void all_settings_are_listed_with_their_defaults_and_what_is_allowed() {
        Config listed = ConfigFactory.parseFile(
                        SAMPLES.resolve("all-settings.conf").toFile())
                .resolve();
        assertThat(listed.entrySet().stream().map(Map.Entry::getKey))
                .containsExactlyInAnyOrderElementsOf(
                        Settings.ALL.stream().map(Setting::key).collect(Collectors.toSet()));
        for (Setting<?> setting : Settings.ALL) {
            assertThat(listed.getValue(setting.key()).origin().comments())
                    .describedAs(setting.key())
                    .last()
                    .isEqualTo(" Allowed: " + setting.allowed());
            if (setting.standard() != null) {
                assertThat(listed.getString(setting.key()))
                        .describedAs(setting.key())
                        .isEqualTo(setting.standard());
            }
        }
    }
}
