package dev.holdfast.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/** What an IDE knows about the properties. */
class MetadataTest {

    @Test
    @SuppressWarnings("unchecked")
    void every_property_is_described() throws IOException {
        List<Map<String, Object>> properties;
        try (InputStream in =
                HoldfastProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            Map<String, Object> all =
                    JsonParserFactory.getJsonParser().parseMap(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            properties = (List<Map<String, Object>>) all.get("properties");
        }
        assertThat(properties)
                .extracting(each -> each.get("name"))
                .contains(
                        "holdfast.servers",
                        "holdfast.client.tls.trust",
                        "holdfast.node.tls.members.certificate",
                        "holdfast.node.election-timeout.min",
                        "holdfast.test.clock");
        assertThat(properties)
                .allSatisfy(each -> assertThat(String.valueOf(each.getOrDefault("description", "")))
                        .as("%s", each.get("name"))
                        .endsWith("."));
    }
}
