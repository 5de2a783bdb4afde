package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.yaml.snakeyaml.Yaml;

/** What {@code openapi.yaml} says there is, is there, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContractTest {
    private final Api api = new Api(null, new MetricRegistry(), Runnable::run);
    private Map<String, Object> contract;

    @BeforeAll
    void read() throws Exception {
        try (InputStream in = ContractTest.class.getResourceAsStream("/dev/holdfast/http/openapi.yaml")) {
            contract = new Yaml().load(in);
        }
    }

    @Test
    void it_names_each_path_with_its_parameters() {
        assertThat(described("get")).isEqualTo(new TreeMap<>(api.parameters(true)));
        assertThat(described("post")).isEqualTo(new TreeMap<>(api.parameters(false)));
    }

    private Map<String, Set<String>> described(String method) {
        Map<String, Set<String>> described = new TreeMap<>();
        at("#/paths").forEach((path, operations) -> {
            Object operation = asMap(operations).get(method);
            if (operation != null) {
                described.put(path, parameters(asMap(operation)));
            }
        });
        return described;
    }

    private Set<String> parameters(Map<String, Object> operation) {
        Set<String> names = new HashSet<>();
        for (Object each : (List<?>) operation.getOrDefault("parameters", List.of())) {
            Object reference = asMap(each).get("$ref");
            names.add((String) (reference == null ? asMap(each) : at((String) reference)).get("name"));
        }
        Object body = operation.get("requestBody");
        if (body != null) {
            Map<String, Object> schema =
                    asMap(asMap(asMap(asMap(body).get("content")).get("application/json"))
                            .get("schema"));
            names.addAll(asMap(schema.get("properties")).keySet());
        }
        return names;
    }

    @Test
    void what_it_refers_to_is_there() {
        Set<String> references = new HashSet<>();
        collect(contract, references);
        assertThat(references).hasSizeGreaterThan(10);
        references.forEach(reference -> assertThat(at(reference)).as(reference).isNotNull());
    }

    private static void collect(Object node, Set<String> references) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if ("$ref".equals(name)) {
                    references.add((String) value);
                }
                collect(value, references);
            });
        } else if (node instanceof List<?> list) {
            list.forEach(each -> collect(each, references));
        }
    }

    private Map<String, Object> at(String reference) {
        Map<String, Object> node = contract;
        for (String name : reference.substring(2).split("/")) {
            assertThat(node).as(reference).containsKey(name);
            node = asMap(node.get(name));
        }
        return node;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> asMap(Object node) {
        return (Map<String, Object>) node;
    }
}
