package dev.holdfast.spring.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.SessionListener;
import dev.holdfast.client.metrics.HoldfastMeters;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.spring.boot.HoldfastAutoConfiguration;
import dev.holdfast.testkit.TestCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health, endpoint and meters of a client, without a web server. */
class ActuatorTest {
    @TempDir
    static Path folder;

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    HoldfastAutoConfiguration.class,
                    HoldfastHealthAutoConfiguration.class,
                    HoldfastEndpointAutoConfiguration.class,
                    HoldfastMetricsAutoConfiguration.class))
            .withPropertyValues("management.endpoints.web.exposure.include=*");

    /** Each version of Spring Boot has its own type of health. */
    private record Shown(String status, Map<?, ?> details) {
        static Shown by(ApplicationContext context) throws ReflectiveOperationException {
            Object indicator = context.getBean("holdfastHealthIndicator");
            Method method = indicator.getClass().getDeclaredMethod("health");
            method.setAccessible(true);
            Object health = method.invoke(indicator);
            Class<?> type = health.getClass();
            return new Shown(type.getMethod("getStatus").invoke(health).toString(), (Map<?, ?>)
                    type.getMethod("getDetails").invoke(health));
        }
    }

    @Test
    void health_is_up_while_the_leader_answers() {
        application.withUserConfiguration(InMemory.class).run(context -> {
            assertThat(context).hasNotFailed();
            Shown shown = Shown.by(context);
            assertThat(shown.status()).isEqualTo("UP");
            assertThat(shown.details().get("session")).isEqualTo("none yet");
        });
    }

    @Test
    void health_is_down_and_says_why_while_no_leader_answers() throws IOException {
        application
                .withPropertyValues(
                        "holdfast.servers=127.0.0.1:" + FreePorts.find(1).get(0),
                        "holdfast.start.timeout=0",
                        "holdfast.actuator.timeout=100ms")
                .run(context -> {
                    Shown shown = Shown.by(context);
                    assertThat(shown.status()).isEqualTo("DOWN");
                    assertThat(String.valueOf(shown.details().get("reason")))
                            .isEqualTo("no leader of the cluster has answered within 100 ms");
                });
    }

    @Test
    void health_is_down_while_the_session_is_suspect() {
        AtomicReference<SessionListener> listener = new AtomicReference<>();
        HoldfastClient client = (HoldfastClient) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {HoldfastClient.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "awaitConnected" -> true;
                    case "sessionIds" -> Set.of("one", "two", "three");
                    case "onSession" -> {
                        listener.set((SessionListener) arguments[0]);
                        yield (HoldfastClient.Registration) () -> {};
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        SessionNews news = new SessionNews(client, Clock.systemUTC());
        ClusterHealth health = new ClusterHealth(client, news, LocalPeer.NONE, Duration.ofSeconds(1));
        listener.get().onOpened();
        listener.get().onOpened();
        assertThat(health.check().up()).isTrue();
        assertThat(health.check().details()).containsEntry("session", "open");
        listener.get().onSuspect();
        // News of another group's session says nothing about the one that is suspect.
        listener.get().onOpened();
        assertThat(health.check().up()).isFalse();
        listener.get().onSuspect();
        listener.get().onRenewed();
        assertThat(health.check().up()).isFalse();
        assertThat(String.valueOf(health.check().details().get("reason")))
                .contains("not confirmed for half of its lease");
        listener.get().onRenewed();
        assertThat(health.check().up()).isTrue();
    }

    @Test
    void a_session_that_was_open_before_anybody_listened_is_open() {
        try (TestCluster cluster = TestCluster.start()) {
            HoldfastClient client = cluster.client();
            LockHandle held =
                    client.createLock().hold(Holdfast.createLockable("job").of());
            assertThat(held.isHeld()).isTrue();
            SessionNews news = new SessionNews(client, Clock.systemUTC());
            assertThat(news.last().state()).isEqualTo(SessionNews.State.OPEN);
        }
    }

    @Tag("long")
    @Test
    void an_unrelated_peer_does_not_speak_for_the_client() {
        application
                .withUserConfiguration(OtherPeer.class)
                .withPropertyValues("holdfast.enabled=false", "holdfast.actuator.timeout=100ms")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(LocalPeer.class).isThere()).isFalse();
                    assertThat(Shown.by(context).status()).isEqualTo("DOWN");
                });
    }

    /** A client that is connected to nothing, and a peer that is well. */
    @Configuration(proxyBeanMethods = false)
    static class OtherPeer {
        @Bean
        HoldfastNode peer() throws IOException {
            return HoldfastNode.builder()
                    .dataFolder(folder.resolve("other-peer"))
                    .start();
        }

        @Bean
        HoldfastClient mine() {
            return Holdfast.connect("127.0.0.1:1", ClientOptions.defaults());
        }
    }

    @Test
    void an_own_client_is_shown_if_holdfast_is_not_enabled() {
        application
                .withUserConfiguration(InMemory.class)
                .withPropertyValues("holdfast.enabled=false")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(HoldfastEndpoint.class);
                    assertThat(Shown.by(context).status()).isEqualTo("UP");
                });
    }

    @Test
    void a_list_that_takes_too_long_is_not_complete() {
        try (TestCluster cluster = TestCluster.start()) {
            HoldfastClient client = cluster.client();
            LockHandle held =
                    client.createLock().hold(Holdfast.createLockable("job").of());
            assertThat(held.isHeld()).isTrue();
            // The smallest time there is: it is over before the first entry is there.
            Map<String, Object> shown =
                    new HoldfastEndpoint(slow(client), LocalPeer.NONE, Duration.ofNanos(1)).holdfast();
            assertThat(shown.get("complete")).isEqualTo(false);
        }
    }

    /** As the client, but its list needs no answer of the cluster in time. */
    private static HoldfastClient slow(HoldfastClient client) {
        return (HoldfastClient) Proxy.newProxyInstance(
                ActuatorTest.class.getClassLoader(),
                new Class<?>[] {HoldfastClient.class},
                (proxy, method, arguments) ->
                        method.getName().equals("list") ? client.list("") : method.invoke(client, arguments));
    }

    @Test
    void a_session_that_was_lost_is_told_of_and_does_not_keep_health_down() {
        application.withUserConfiguration(InMemory.class).run(context -> {
            TestCluster cluster = context.getBean(TestCluster.class);
            HoldfastClient client = context.getBean(HoldfastClient.class);
            SessionNews news = context.getBean(SessionNews.class);
            LockHandle held =
                    client.createLock().hold(Holdfast.createLockable("job").of());
            awaitNews(news, SessionNews.State.OPEN);

            ClusterHealth health = new ClusterHealth(client, news, LocalPeer.NONE, Duration.ofSeconds(10));
            cluster.pause(client);
            cluster.advance(Duration.ofSeconds(30));
            cluster.resume(client);
            cluster.advance(Duration.ofSeconds(1));
            awaitNews(news, SessionNews.State.LOST);
            assertThat(held.isHeld()).isFalse();
            assertThat(health.check().up()).isTrue();
            assertThat(health.check().details()).containsKey("sessionLostAt");
            assertThat(client.sessionIds()).isEmpty();
        });
    }

    private static void awaitNews(SessionNews news, SessionNews.State state) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> news.last().state() == state);
    }

    @Test
    void health_can_be_switched_off() {
        application
                .withUserConfiguration(InMemory.class)
                .withPropertyValues("management.health.holdfast.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("holdfastHealthIndicator"));
    }

    @Test
    void the_endpoint_shows_what_this_application_holds_and_waits_for_and_nothing_of_others() {
        application.withUserConfiguration(InMemory.class).run(context -> {
            TestCluster cluster = context.getBean(TestCluster.class);
            HoldfastClient mine = context.getBean(HoldfastClient.class);
            HoldfastLock theirs = cluster.newClient().createLock();
            Lockable own = Holdfast.createLockable("own").of();
            Lockable busy = Holdfast.createLockable("busy").of();
            Lockable foreign = Holdfast.createLockable("foreign").of();
            LockHandle other = theirs.hold(busy);
            LockHandle unseen = theirs.hold(foreign);
            LockHandle held = mine.createLock().hold(own);
            CompletableFuture<?> waiting = mine.createLock()
                    .acquireAsync(busy, AcquireOptions.defaults().wait(Duration.ofMinutes(1)))
                    .toCompletableFuture();

            Map<String, Object> shown = context.getBean(HoldfastEndpoint.class).holdfast();
            assertThat(shown.get("complete")).isEqualTo(true);
            assertThat(entries(shown, "holds"))
                    .singleElement()
                    .satisfies(hold -> assertThat(hold)
                            .containsEntry("key", own.key())
                            .containsEntry("token", held.token())
                            .containsEntry("kind", "mutex"));
            assertThat(entries(shown, "waits"))
                    .singleElement()
                    .satisfies(wait -> assertThat(wait)
                            .containsEntry("key", busy.key())
                            .containsEntry("heldBy", List.of(other.owner().toString())));
            assertThat(unseen.isHeld()).isTrue();
            assertThat(shown.toString()).doesNotContain("foreign");

            other.release();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(waiting::isDone);
        });
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> entries(Map<String, Object> shown, String name) {
        return (List<Map<String, Object>>) shown.get(name);
    }

    @Test
    void the_meters_count_what_the_client_does() {
        application.withUserConfiguration(InMemory.class).run(context -> {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            context.getBean(HoldfastMeters.class).bindTo(registry);
            LockHandle held = context.getBean(HoldfastClient.class)
                    .createLock()
                    .hold(Holdfast.createLockable("job").of());
            assertThat(held.isHeld()).isTrue();
            assertThat(registry.get("lock.acquired").functionCounter().count()).isEqualTo(1);
            assertThat(registry.get("lock.held").gauge().value()).isEqualTo(1);
        });
    }

    @Test
    void without_micrometer_and_node_the_rest_is_there() {
        application
                .withClassLoader(new FilteredClassLoader(
                        "io.micrometer.core.instrument.binder", "dev.holdfast.node", "dev.holdfast.testkit"))
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=0")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(HoldfastEndpoint.class)
                        .hasBean("holdfastHealthIndicator")
                        .doesNotHaveBean("holdfastMeters"));
    }

    @Configuration(proxyBeanMethods = false)
    static class InMemory {
        @Bean
        TestCluster cluster() {
            return TestCluster.startWithManualClock();
        }

        @Bean(destroyMethod = "")
        HoldfastClient client(TestCluster cluster) {
            return cluster.client();
        }
    }
}
