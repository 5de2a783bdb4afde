package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.Member;
import dev.holdfast.server.config.NodeConfig;
import dev.holdfast.server.config.NodeConfigReader;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chart, rendered by Helm itself, says what Kubernetes understands and what a cluster needs. */
@Tag("long")
class ChartTest {
    private static final Path CHART = Path.of("helm", "holdfast");
    private static final Map<String, Object> DEFAULT = Map.of();
    private static final Map<String, Object> PLAIN = Map.of("tls.enabled", false, "membersSecret", "the-secret");
    private static final Map<String, Object> EVERYTHING = Map.of(
            "replicas", 5,
            "join", true,
            "tls.issuer.name", "authority",
            "tls.issuer.kind", "ClusterIssuer",
            "settings", "holdfast.max-voters = 5",
            "extraSecret", "tokens",
            "image.pullSecrets[0].name", "registry",
            "storage.className", "fast",
            "antiAffinity", false,
            "nodeSelector.disk", "fast");

    @TempDir
    Path folder;

    @BeforeAll
    static void probe() {
        try {
            new Helm(CHART).lint().call();
        } catch (IllegalStateException | LinkageError e) {
            System.out.println("SKIPPED ChartTest: rendering the chart: Helm is not published for this platform: " + e);
            Assumptions.abort("no Helm");
        }
    }

    private static String rendered(Map<String, Object> values) {
        TemplateCommand command = new Helm(CHART)
                .template()
                .withName("holdfast")
                .withNamespace("locks")
                .withKubeVersion("1.32.0");
        new TreeMap<>(values).forEach(command::set);
        return command.call();
    }

    private static Manifests manifests(Map<String, Object> values) throws Exception {
        return Manifests.of(rendered(values));
    }

    private static PodSpec pod(Manifests manifests) {
        return manifests.only(StatefulSet.class).getSpec().getTemplate().getSpec();
    }

    private static Container container(Manifests manifests) {
        assertThat(pod(manifests).getContainers()).hasSize(1);
        return pod(manifests).getContainers().get(0);
    }

    /** What the pod of that number reads. */
    private NodeConfig config(Manifests manifests, int ordinal) throws Exception {
        Map<String, String> data = manifests.only(ConfigMap.class).getData();
        assertThat(data).containsOnlyKeys("holdfast.conf");
        Path file = Files.writeString(folder.resolve("holdfast.conf"), data.get("holdfast.conf"));
        return NodeConfigReader.read(file, Map.of(), Map.of("HOLDFAST_ID", "holdfast-" + ordinal));
    }

    @Test
    void helm_finds_no_fault_with_it() {
        LintResult result = new Helm(CHART).lint().strict().call();
        assertThat(result.isFailed()).describedAs("%s", result.getMessages()).isFalse();
    }

    @Test
    void kubernetes_knows_every_field_of_it_whatever_the_values() throws Exception {
        for (Map<String, Object> values : List.of(DEFAULT, PLAIN, EVERYTHING)) {
            Manifests manifests = manifests(values);
            assertThat(manifests.all(Service.class)).hasSize(2);
            assertThat(manifests.others())
                    .allMatch(other -> other.path("apiVersion").asText().equals("cert-manager.io/v1"));
        }
        // So it would be noticed.
        String wrong = rendered(DEFAULT).replace("publishNotReadyAddresses", "publishUnreadyAddresses");
        assertThatThrownBy(() -> Manifests.of(wrong)).isInstanceOf(UnrecognizedPropertyException.class);
    }

    @Test
    void each_pod_is_the_member_of_its_name_and_knows_all_others() throws Exception {
        for (Map<String, Object> values : List.of(DEFAULT, PLAIN, EVERYTHING)) {
            Manifests manifests = manifests(values);
            StatefulSet set = manifests.only(StatefulSet.class);
            int replicas = set.getSpec().getReplicas();
            assertThat(container(manifests).getEnv())
                    .filteredOn(variable -> variable.getName().equals("HOLDFAST_ID"))
                    .singleElement()
                    .satisfies(variable -> assertThat(
                                    variable.getValueFrom().getFieldRef().getFieldPath())
                            .isEqualTo("metadata.name"));
            Service names = manifests.all(Service.class).stream()
                    .filter(service ->
                            service.getMetadata().getName().equals(set.getSpec().getServiceName()))
                    .findFirst()
                    .orElseThrow();
            assertThat(names.getSpec().getClusterIP()).isEqualTo("None");
            assertThat(names.getSpec().getPublishNotReadyAddresses()).isTrue();
            for (int ordinal = 0; ordinal < replicas; ordinal++) {
                NodeConfig config = config(manifests, ordinal);
                assertThat(config.members()).hasSize(replicas);
                assertThat(config.members().stream()
                                .filter(member -> member.id().equals(config.id()))
                                .map(Member::host))
                        .containsExactly(config.id() + "." + names.getMetadata().getName() + ".locks.svc");
                assertThat(config.listen()).isEqualTo("0.0.0.0");
                assertThat(config.join()).isEqualTo(values.equals(EVERYTHING));
            }
        }
    }

    @Test
    void members_start_together_and_one_is_away_at_a_time() throws Exception {
        Manifests manifests = manifests(DEFAULT);
        StatefulSet set = manifests.only(StatefulSet.class);

        assertThat(set.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
        assertThat(manifests
                        .only(PodDisruptionBudget.class)
                        .getSpec()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(1);
        assertThat(pod(manifests)
                        .getAffinity()
                        .getPodAntiAffinity()
                        .getRequiredDuringSchedulingIgnoredDuringExecution())
                .singleElement()
                .satisfies(term -> {
                    assertThat(term.getTopologyKey()).isEqualTo("kubernetes.io/hostname");
                    assertThat(labels(set))
                            .containsAllEntriesOf(term.getLabelSelector().getMatchLabels());
                });
    }

    private static Map<String, String> labels(StatefulSet set) {
        return set.getSpec().getTemplate().getMetadata().getLabels();
    }

    @Test
    void everything_selects_the_members() throws Exception {
        Manifests manifests = manifests(DEFAULT);
        StatefulSet set = manifests.only(StatefulSet.class);
        assertThat(labels(set)).containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
        for (Service service : manifests.all(Service.class)) {
            assertThat(labels(set)).containsAllEntriesOf(service.getSpec().getSelector());
        }
        assertThat(labels(set))
                .containsAllEntriesOf(manifests
                        .only(PodDisruptionBudget.class)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .containsAllEntriesOf(manifests
                        .only(NetworkPolicy.class)
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels());
    }

    @Test
    void a_pod_is_given_more_time_to_end_than_its_member_takes() throws Exception {
        for (int drain : List.of(10, 600)) {
            Manifests manifests = manifests(Map.of("drainTimeoutSeconds", drain));
            assertThat(config(manifests, 0).drainTimeout()).isEqualTo(Duration.ofSeconds(drain));
            assertThat(pod(manifests).getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(drain + 10);
        }
    }

    @Test
    void every_port_is_the_one_on_which_members_listen() throws Exception {
        Manifests manifests = manifests(DEFAULT);
        NodeConfig config = config(manifests, 0);
        Map<String, Integer> ports = new TreeMap<>();
        container(manifests).getPorts().forEach(port -> ports.put(port.getName(), port.getContainerPort()));
        assertThat(ports)
                .containsOnly(
                        Map.entry("raft", config.members().get(0).raftPort()),
                        Map.entry("clients", config.members().get(0).clientPort()),
                        Map.entry("http", config.http().port()));
        for (Service service : manifests.all(Service.class)) {
            service.getSpec()
                    .getPorts()
                    .forEach(port -> assertThat(ports).containsEntry(port.getName(), port.getPort()));
        }
    }

    @Test
    void probes_ask_for_health_over_grpc_or_where_that_takes_tls_over_https() throws Exception {
        Container plain = container(manifests(PLAIN));
        assertThat(plain.getReadinessProbe().getGrpc().getService()).isEqualTo("holdfast.ready");
        assertThat(plain.getLivenessProbe().getGrpc().getService()).isEmpty();
        assertThat(plain.getStartupProbe().getGrpc().getService()).isEmpty();
        assertThat(plain.getReadinessProbe().getGrpc().getPort()).isEqualTo(7201);

        Container encrypted = container(manifests(DEFAULT));
        assertThat(encrypted.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/health/ready");
        assertThat(encrypted.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/health/live");
        for (Probe probe :
                List.of(encrypted.getReadinessProbe(), encrypted.getLivenessProbe(), encrypted.getStartupProbe())) {
            assertThat(probe.getHttpGet().getScheme()).isEqualTo("HTTPS");
            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("http");
        }
    }

    @Test
    void each_member_has_a_certificate_that_says_which_it_is_and_for_the_name_it_is_reached_by() throws Exception {
        for (Map<String, Object> values : List.of(DEFAULT, EVERYTHING)) {
            Manifests manifests = manifests(values);
            int replicas = manifests.only(StatefulSet.class).getSpec().getReplicas();
            Map<String, Path> files = files(manifests);
            for (int ordinal = 0; ordinal < replicas; ordinal++) {
                NodeConfig config = config(manifests, ordinal);
                JsonNode certificate = other(manifests, "Certificate", config.id());
                assertThat(texts(certificate.at("/spec/uris"))).containsExactly("holdfast:member:" + config.id());
                assertThat(texts(certificate.at("/spec/dnsNames")))
                        .contains(
                                config.members().get(ordinal).host(),
                                "holdfast.locks.svc.cluster.local",
                                "holdfast.locks.svc",
                                "holdfast.locks");
                assertThat(texts(certificate.at("/spec/usages"))).contains("server auth", "client auth");
                String secret = certificate.at("/spec/secretName").asText();
                assertThat(config.membersTls())
                        .isEqualTo(Tls.pem(files.get(secret + " tls.crt"), files.get(secret + " tls.key"))
                                .trust(files.get(secret + " ca.crt")));
                assertIssuerIsThere(manifests, certificate);
            }
        }
    }

    private static void assertIssuerIsThere(Manifests manifests, JsonNode certificate) {
        String issuer = certificate.at("/spec/issuerRef/name").asText();
        if (certificate.at("/spec/issuerRef/kind").asText().equals("Issuer")) {
            String authority =
                    other(manifests, "Issuer", issuer).at("/spec/ca/secretName").asText();
            assertThat(other(manifests, "Certificate", issuer)
                            .at("/spec/secretName")
                            .asText())
                    .isEqualTo(authority);
        } else {
            assertThat(issuer).isEqualTo("authority");
        }
    }

    private static JsonNode other(Manifests manifests, String kind, String name) {
        return manifests.others().stream()
                .filter(each -> each.path("kind").asText().equals(kind)
                        && each.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** Where the keys of secrets, as "secret key", are in a container. */
    private static Map<String, Path> files(Manifests manifests) {
        Path mounted = Path.of(container(manifests).getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals("config"))
                .findFirst()
                .orElseThrow()
                .getMountPath());
        Map<String, Path> files = new TreeMap<>();
        pod(manifests).getVolumes().stream()
                .filter(volume -> volume.getName().equals("config"))
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .map(VolumeProjection::getSecret)
                .filter(secret -> secret != null)
                .forEach(secret -> secret.getItems()
                        .forEach(item ->
                                files.put(secret.getName() + " " + item.getKey(), mounted.resolve(item.getPath()))));
        return files;
    }

    @Test
    void without_tls_members_know_each_other_by_a_secret_that_has_to_be_named() throws Exception {
        Manifests manifests = manifests(PLAIN);
        NodeConfig config = config(manifests, 2);
        assertThat(config.insecure()).isTrue();
        assertThat(config.secretFile()).isEqualTo(files(manifests).get("the-secret members.secret"));

        assertThatThrownBy(() -> rendered(Map.of("tls.enabled", false)))
                .hasMessageContaining("membersSecret has to name a Secret");
    }

    @Test
    void all_that_is_mounted_is_there_and_the_data_is_on_a_volume_that_stays() throws Exception {
        for (Map<String, Object> values : List.of(DEFAULT, PLAIN, EVERYTHING)) {
            Manifests manifests = manifests(values);
            StatefulSet set = manifests.only(StatefulSet.class);
            Set<String> volumes = new HashSet<>();
            pod(manifests).getVolumes().forEach(volume -> volumes.add(volume.getName()));
            set.getSpec()
                    .getVolumeClaimTemplates()
                    .forEach(claim -> volumes.add(claim.getMetadata().getName()));
            assertThat(container(manifests).getVolumeMounts().stream().map(VolumeMount::getName))
                    .containsExactlyInAnyOrderElementsOf(volumes);
            Path data = Path.of(container(manifests).getVolumeMounts().stream()
                    .filter(mount -> mount.getName().equals("data"))
                    .findFirst()
                    .orElseThrow()
                    .getMountPath());
            assertThat(config(manifests, 0).data()).startsWithRaw(data).isNotEqualTo(data);
            assertThat(set.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenScaled())
                    .isEqualTo("Retain");
        }
    }

    @Test
    void a_pod_may_do_nothing_but_its_work() throws Exception {
        Manifests manifests = manifests(DEFAULT);
        assertThat(pod(manifests).getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod(manifests).getAutomountServiceAccountToken()).isFalse();
        assertThat(container(manifests).getSecurityContext().getReadOnlyRootFilesystem())
                .isTrue();
        assertThat(container(manifests).getSecurityContext().getAllowPrivilegeEscalation())
                .isFalse();
        assertThat(container(manifests).getSecurityContext().getCapabilities().getDrop())
                .containsExactly("ALL");
        assertThat(manifests.only(NetworkPolicy.class).getSpec().getIngress().stream()
                        .filter(rule -> rule.getFrom().isEmpty())
                        .flatMap(rule -> rule.getPorts().stream())
                        .map(port -> port.getPort().getStrVal()))
                .containsExactlyInAnyOrder("clients", "http");
    }

    @Test
    void the_plain_manifests_are_the_chart_with_its_own_values() throws Exception {
        String body = rendered(DEFAULT).replaceAll("(?m)^# Source: .*\n", "").replace("\n\n", "\n");
        String wanted = "# The chart in deploy/helm/holdfast with the values that it has, for those who have no Helm:\n"
                + "#   kubectl create namespace locks && kubectl --namespace locks apply --filename holdfast.yaml\n"
                + body;
        Path made = Files.writeString(Files.createDirectories(Path.of("target")).resolve("holdfast.yaml"), wanted);

        assertThat(Path.of("kubernetes", "holdfast.yaml"))
                .describedAs("copy %s there", made.toAbsolutePath())
                .hasContent(wanted);
    }

    @Test
    void its_version_is_the_releases() throws Exception {
        JsonNode chart = ComposeTest.YAML.readTree(CHART.resolve("Chart.yaml").toFile());
        String version = System.getProperty("holdfast.version").replace("-SNAPSHOT", "");
        assertThat(chart.path("version").asText()).isEqualTo(version);
        assertThat(chart.path("appVersion").asText()).isEqualTo(version);
    }
}
