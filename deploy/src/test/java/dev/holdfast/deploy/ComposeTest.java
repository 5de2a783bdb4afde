package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.holdfast.server.config.NodeConfig;
import dev.holdfast.server.config.NodeConfigReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The file for Docker Compose describes a cluster whose members find each other. */
@Tag("long")
class ComposeTest {
    static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final Path FOLDER = Path.of("compose");

    private final JsonNode compose;

    ComposeTest() throws Exception {
        compose = YAML.readTree(FOLDER.resolve("compose.yaml").toFile());
    }

    /** With what the service has in common with others. */
    private JsonNode field(String service, String name) {
        JsonNode own = compose.at("/services/" + service);
        return own.has(name) ? own.path(name) : compose.path("x-member").path(name);
    }

    private NodeConfig config(String service) throws Exception {
        String id = field(service, "environment").path("HOLDFAST_ID").asText();
        return NodeConfigReader.read(FOLDER.resolve("holdfast.conf"), Map.of(), Map.of("HOLDFAST_ID", id));
    }

    @Test
    void each_member_is_known_to_the_others_by_the_name_of_its_service() throws Exception {
        for (String service : List.of("a", "b", "c")) {
            NodeConfig config = config(service);
            assertThat(config.id()).isEqualTo(service);
            assertThat(config.members())
                    .hasSize(3)
                    .allSatisfy(member -> assertThat(compose.path("services").has(member.host()))
                            .isTrue());
            assertThat(config.listen()).isEqualTo("0.0.0.0");
        }
    }

    @Test
    void each_has_a_volume_of_its_own_and_more_time_to_end_than_it_takes() throws Exception {
        for (String service : List.of("a", "b", "c")) {
            assertThat(field(service, "volumes").get(0).asText()).isEqualTo(service + ":/var/lib/holdfast");
            assertThat(compose.path("volumes").has(service)).isTrue();
            assertThat(config(service).data()).startsWithRaw(Path.of("/var/lib/holdfast"));
            assertThat(field(service, "stop_grace_period").asText()).isEqualTo("30s");
            assertThat(config(service).drainTimeout()).hasSeconds(10);
        }
    }

    @Test
    void the_shell_asks_all_of_them_and_nothing_but_the_page_is_published() {
        assertThat(compose.at("/services/shell/environment/HOLDFAST_SERVERS").asText())
                .isEqualTo("a:7201,b:7201,c:7201");
        assertThat(compose.at("/services/a/ports").get(0).asText()).isEqualTo("127.0.0.1:7301:7301");
        assertThat(compose.at("/services/b").has("ports")).isFalse();
    }
}
