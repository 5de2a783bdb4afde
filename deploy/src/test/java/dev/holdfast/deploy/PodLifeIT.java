package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.marcnuri.helm.Helm;
import dev.holdfast.server.config.NodeConfig;
import dev.holdfast.server.config.NodeConfigReader;
import dev.holdfast.server.process.ChildJvm;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens to pods, played in network namespaces, with the configuration, the arguments and the probes of the chart. */
@Tag("long")
class PodLifeIT {
    private static final Path CHART = Path.of("helm", "holdfast");
    private static final Pattern TOKEN = Pattern.compile("token=(\\d+)");
    /** The last column says how many wait. */
    private static final Pattern ONE_WAITS = Pattern.compile("(?m)^order:1 .* 1$");

    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    @TempDir
    Path folder;

    private Manifests manifests;
    private PodSpec pod;
    private Pods pods;

    @BeforeEach
    void render() throws Exception {
        String unavailable = PodNetwork.unavailable();
        if (unavailable != null) {
            System.out.println("SKIPPED PodLifeIT: pods in network namespaces: " + unavailable);
            abort(unavailable);
        }
        try {
            manifests = Manifests.of(new Helm(CHART)
                    .template()
                    .withName("holdfast")
                    .withNamespace("locks")
                    .withKubeVersion("1.32.0")
                    // A machine may be busy with other things. What is tested is that it ends in time.
                    .set("drainTimeoutSeconds", 120)
                    .call());
        } catch (LinkageError e) {
            System.out.println("SKIPPED PodLifeIT: rendering the chart: Helm is not published for this platform");
            abort("no Helm");
        }
        pod = manifests.only(StatefulSet.class).getSpec().getTemplate().getSpec();
    }

    private NodeConfig config(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("holdfast.conf"), text);
        return NodeConfigReader.read(file, Map.of(), Map.of("HOLDFAST_ID", "holdfast-0"));
    }

    @Test
    @Timeout(1800)
    void pods_start_before_their_names_mean_anything_and_come_back_one_by_one_with_other_addresses() throws Exception {
        String text = manifests.only(ConfigMap.class).getData().get("holdfast.conf")
                // Elections that a busy machine does not call for.
                + "\nholdfast.election-timeout { min = 1500 ms, max = 3 s }\n";
        pods = Pods.create(
                folder, config(text).members(), text, pod.getContainers().get(0).getArgs());
        try (Pods all = pods) {
            Probe ready = pod.getContainers().get(0).getReadinessProbe();
            Probe live = pod.getContainers().get(0).getLivenessProbe();

            all.start(0);
            all.start(1);
            awaitAnswer(0, live, OK);
            awaitAnswer(1, live, OK);
            assertThat(answer(0, ready)).isEqualTo(UNAVAILABLE);
            assertThat(all.isReady(0)).isFalse();

            all.publish(1);
            all.start(2);
            awaitAnswer(2, live, OK);
            all.publish(2);
            all.publish(0);
            for (int number = 0; number < 3; number++) {
                all.awaitReady(number);
                awaitAnswer(number, ready, OK);
            }

            List<String> heard = new CopyOnWriteArrayList<>();
            ChildJvm holder = all.client(
                    heard::add,
                    List.of(
                            "lock",
                            "--timeout",
                            "2m",
                            "order:1",
                            "--",
                            "sh",
                            "-c",
                            "echo token=$HOLDFAST_TOKEN; exec sleep 3600"));
            await().atMost(Pods.PATIENCE).until(() -> tokenIn(heard) > 0);
            long first = tokenIn(heard);

            List<String> leaders = new ArrayList<>();
            // In the order in which a stateful set does it.
            for (int number = 2; number >= 0; number--) {
                String before = all.address(number);
                leaders.add(leader());
                assertThat(all.end(number, Duration.ofSeconds(pod.getTerminationGracePeriodSeconds())))
                        .describedAs("it ended by itself, in order")
                        .isZero();
                assertThat(all.address(number)).isNotEqualTo(before);
                assertThat(leader()).isNotEqualTo("holdfast-" + number);

                all.start(number);
                awaitAnswer(number, live, OK);
                all.publish(number);
                all.awaitReady(number);
                awaitAnswer(number, ready, OK);
            }
            assertThat(leaders).doesNotContain("");

            // The one who held the lock has held it all the time: whoever wants it has to wait for its end.
            assertThat(holder.isAlive()).isTrue();
            List<String> next = new CopyOnWriteArrayList<>();
            ChildJvm waiter = all.client(
                    next::add,
                    List.of("lock", "--timeout", "4m", "order:1", "--", "sh", "-c", "echo token=$HOLDFAST_TOKEN"));
            await().atMost(Pods.PATIENCE)
                    .until(() -> ONE_WAITS.matcher(shell(List.of("locks"))).find());
            assertThat(next).isEmpty();
            holder.terminate();
            assertThat(waiter.awaitEnd(Pods.PATIENCE)).isZero();
            assertThat(tokenIn(next)).isGreaterThan(first);
            holder.awaitEnd(Pods.PATIENCE);
        }
    }

    private static long tokenIn(List<String> lines) {
        for (String line : lines) {
            Matcher matcher = TOKEN.matcher(line);
            if (matcher.matches()) {
                return Long.parseLong(matcher.group(1));
            }
        }
        return 0;
    }

    private String shell(List<String> command) throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        pods.client(lines::add, command).awaitEnd(Pods.PATIENCE);
        return String.join("\n", lines);
    }

    /** Who leads, as soon as somebody does. */
    private String leader() {
        Pattern leaders = Pattern.compile("\"leaders\":\\[\"([^\"]+)\"]");
        String[] found = new String[1];
        await().atMost(Pods.PATIENCE).until(() -> {
            Matcher matcher = leaders.matcher(shell(List.of("status", "--json")));
            if (!matcher.find()) {
                return false;
            }
            found[0] = matcher.group(1);
            return true;
        });
        return found[0];
    }

    private void awaitAnswer(int number, Probe probe, int code) {
        await().atMost(Pods.PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> answer(number, probe) == code);
    }

    /** As the kubelet asks: at the pod's address, and without a look at its certificate. */
    private int answer(int number, Probe probe) throws Exception {
        HTTPGetAction action = probe.getHttpGet();
        int port = pod.getContainers().get(0).getPorts().stream()
                .filter(each -> each.getName().equals(action.getPort().getStrVal()))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new TrustsAll()}, null);
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create("https://" + pods.address(number) + ":" + port + action.getPath())
                        .toURL()
                        .openConnection();
        connection.setSSLSocketFactory(trusting.getSocketFactory());
        connection.setHostnameVerifier((host, session) -> true);
        connection.setConnectTimeout((int) Duration.ofSeconds(30).toMillis());
        connection.setReadTimeout((int) Duration.ofSeconds(30).toMillis());
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
