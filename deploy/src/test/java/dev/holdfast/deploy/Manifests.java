package dev.holdfast.deploy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Manifests for Kubernetes, read as strictly as can be: a field that it does not know is an error. */
final class Manifests {
    private static final Map<String, Class<? extends HasMetadata>> KNOWN = Map.of(
            "v1 ConfigMap", ConfigMap.class,
            "v1 Service", Service.class,
            "apps/v1 StatefulSet", StatefulSet.class,
            "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class,
            "networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class);
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final JsonMapper STRICT = JsonMapper.builder()
            .annotationIntrospector(new KnowsNothingMore())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final List<HasMetadata> known = new ArrayList<>();
    private final List<JsonNode> others = new ArrayList<>();

    /** The classes of the model would keep what they do not know. */
    private static final class KnowsNothingMore extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }

    static Manifests of(String yaml) throws IOException {
        Manifests manifests = new Manifests();
        try (YAMLParser parser = YAML.getFactory().createParser(yaml)) {
            for (JsonNode each : YAML.readValues(parser, JsonNode.class).readAll()) {
                if (!each.isNull()) {
                    manifests.add(each);
                }
            }
        }
        return manifests;
    }

    private void add(JsonNode manifest) throws IOException {
        String kind = manifest.path("apiVersion").asText() + " "
                + manifest.path("kind").asText();
        Class<? extends HasMetadata> type = KNOWN.get(kind);
        if (type == null) {
            others.add(manifest);
        } else {
            known.add(STRICT.treeToValue(manifest, type));
        }
    }

    <T extends HasMetadata> List<T> all(Class<T> type) {
        return known.stream().filter(type::isInstance).map(type::cast).toList();
    }

    <T extends HasMetadata> T only(Class<T> type) {
        List<T> all = all(type);
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " of " + type);
        }
        return all.get(0);
    }

    /** Those of kinds that are not Kubernetes's own. */
    List<JsonNode> others() {
        return others;
    }
}
