package dev.holdfast.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.time.Timers;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Whole applications with a web server, each with a peer of its own on loopback. */
@Tag("long")
class EmbeddedPeerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ConfigurableApplicationContext> started = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        started.forEach(ConfigurableApplicationContext::close);
    }

    private ConfigurableApplicationContext start(Class<?> application, String id, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(Map.of(
                "server.port", "0",
                "server.shutdown", "graceful",
                "spring.main.banner-mode", "off",
                "spring.main.register-shutdown-hook", "false",
                "spring.application.name", "billing",
                "management.endpoints.web.exposure.include", "health,holdfast,metrics",
                "management.endpoint.health.probes.enabled", "true",
                "management.endpoint.health.group.readiness.include", "readinessState,holdfast",
                "management.endpoint.health.show-details", "always",
                "holdfast.mode", "embedded"));
        properties.put("holdfast.node.data", folder.resolve(id).toString());
        properties.putAll(more);
        SpringApplication spring = new SpringApplication(application);
        spring.setDefaultProperties(properties);
        ConfigurableApplicationContext context = spring.run();
        started.add(context);
        return context;
    }

    private HttpResponse<String> get(ConfigurableApplicationContext context, String path) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static List<String> members(String... ids) throws IOException {
        List<Integer> ports = FreePorts.find(2 * ids.length);
        List<String> members = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            members.add(ids[i] + "=127.0.0.1:" + ports.get(2 * i) + ":" + ports.get(2 * i + 1));
        }
        return members;
    }

    @Test
    void a_peer_is_ready_before_the_web_server_and_gone_with_the_context() throws Exception {
        ConfigurableApplicationContext context = start(Application.class, "a", Map.of());
        HoldfastNode node = context.getBean(HoldfastNode.class);
        assertThat(node.health().ready()).isTrue();
        assertThat(context.getBean(HoldfastClient.class)).isSameAs(node.client());
        LockHandle held =
                node.client().createLock().hold(Holdfast.createLockable("job").of());

        HttpResponse<String> readiness = get(context, "/actuator/health/readiness");
        assertThat(readiness.statusCode()).as(readiness.body()).isEqualTo(200);
        assertThat(readiness.body()).contains("\"holdfast\"", "\"peer\":\"alone\"", "\"leaders\":[\"alone\"]");

        HttpResponse<String> shown = get(context, "/actuator/holdfast");
        assertThat(shown.statusCode()).as(shown.body()).isEqualTo(200);
        assertThat(shown.body())
                .contains(
                        "\"members\":[{\"name\":\"alone\"",
                        "\"role\":\"voter\"",
                        "\"key\":\"job\"",
                        "\"token\":" + held.token());

        assertThat(get(context, "/actuator/metrics/lock.acquired").body()).contains("\"value\":1.0");
        assertThat(get(context, "/actuator/metrics/holdfast.node.granted").body())
                .contains("\"peer\"", "\"value\":1.0");
        MeterRegistry registry = context.getBean(MeterRegistry.class);
        assertThat(registry.get("holdfast.node.group.applied.index")
                        .tag("group", "0")
                        .gauge()
                        .value())
                .isPositive();
        assertThat(registry.get("holdfast.node.log.time").functionTimer().count())
                .isPositive();

        context.close();
        assertThat(node.health().live()).isFalse();
        assertNoThreadsOf("holdfast");
        // Its folder and ports are free.
        start(Application.class, "a", Map.of());
    }

    private static void assertNoThreadsOf(String prefix) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet().stream()
                                .map(Thread::getName)
                                .filter(name -> name.startsWith(prefix)))
                        .isEmpty());
    }

    @Test
    void beans_that_depend_on_the_client_can_still_release_when_they_are_destroyed() {
        ConfigurableApplicationContext context = start(WithHolder.class, "a", Map.of());
        Holder holder = context.getBean(Holder.class);
        context.close();
        assertThat(holder.releasedInOrder).isTrue();
    }

    @Test
    void three_peers_are_one_cluster_and_a_rolling_restart_keeps_the_locks_of_the_others() throws Exception {
        List<String> members = members("a", "b", "c");
        // Each waits for the others, so each has a thread of its own.
        List<CompletableFuture<ConfigurableApplicationContext>> starting = Stream.of("a", "b", "c")
                .map(id -> CompletableFuture.supplyAsync(
                        () -> startMember(id, members), task -> new Thread(task, "start-" + id).start()))
                .toList();
        List<ConfigurableApplicationContext> instances = new ArrayList<>();
        for (CompletableFuture<ConfigurableApplicationContext> each : starting) {
            instances.add(each.get());
        }
        for (ConfigurableApplicationContext each : instances) {
            assertThat(get(each, "/actuator/health/readiness").statusCode()).isEqualTo(200);
        }
        Lockable job = Holdfast.createLockable("job").of();
        LockHandle held =
                instances.get(0).getBean(HoldfastClient.class).createLock().hold(job);
        for (int number = 1; number < 3; number++) {
            instances.get(number).close();
            ConfigurableApplicationContext again = startMember(number == 1 ? "b" : "c", members);
            assertThat(get(again, "/actuator/health/readiness").statusCode()).isEqualTo(200);
            instances.set(number, again);
        }
        assertThat(held.isHeld()).isTrue();
        HoldfastClient other = instances.get(2).getBean(HoldfastClient.class);
        // A clean stop frees at once what was held: nobody waits for a lease.
        instances.get(0).close();
        try (LockHandle next =
                other.createLock().hold(job, AcquireOptions.defaults().wait(PATIENCE))) {
            assertThat(next.token()).isGreaterThan(held.token());
        }
    }

    private ConfigurableApplicationContext startMember(String id, List<String> members) {
        ConfigurableApplicationContext context = start(
                Application.class,
                id,
                Map.of(
                        "holdfast.node.id",
                        id,
                        "holdfast.node.members",
                        String.join(",", members),
                        "holdfast.start.timeout",
                        "120s",
                        "holdfast.start.on-timeout",
                        "fail"));
        return context;
    }

    @Test
    void a_peer_without_the_others_starts_with_its_readiness_down_and_says_why() throws Exception {
        ConfigurableApplicationContext context = start(
                Application.class,
                "a",
                Map.of(
                        "holdfast.node.id", "a",
                        "holdfast.node.members", String.join(",", members("a", "b", "c")),
                        "holdfast.start.timeout", "200ms"));
        HttpResponse<String> readiness = get(context, "/actuator/health/readiness");
        assertThat(readiness.statusCode()).isEqualTo(503);
        assertThat(readiness.body()).contains("\"reason\":");
        assertThat(get(context, "/actuator/health/liveness").statusCode()).isEqualTo(200);
    }

    @Test
    void a_port_that_is_taken_is_told() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            int free = FreePorts.find(1).get(0);
            assertThatThrownBy(() -> start(
                            Application.class,
                            "a",
                            Map.of("holdfast.node.members", "a=127.0.0.1:" + taken.getLocalPort() + ":" + free)))
                    .hasRootCauseInstanceOf(IOException.class)
                    .hasStackTraceContaining("The embedded Holdfast peer cannot start")
                    .hasStackTraceContaining(String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void a_peer_that_fails_shows_in_health_and_closes_the_application_if_that_is_wanted() throws Exception {
        ConfigurableApplicationContext reporting = start(Application.class, "a", Map.of());
        fail(reporting);
        HttpResponse<String> readiness = get(reporting, "/actuator/health/readiness");
        assertThat(readiness.statusCode()).isEqualTo(503);
        assertThat(readiness.body()).contains("\"reason\":\"it stopped");
        assertThat(reporting.isActive()).isTrue();

        ConfigurableApplicationContext closing =
                start(WithExit.class, "b", Map.of("holdfast.node.on-failure", "CLOSE_APPLICATION"));
        fail(closing);
        Awaitility.await().atMost(PATIENCE).until(() -> !closing.isActive());
        assertThat(WithExit.CODE.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
    }

    /** In place of the end of the process. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithExit {
        private static final CompletableFuture<Integer> CODE = new CompletableFuture<>();

        @Bean
        ApplicationExit exit() {
            return context -> CODE.complete(SpringApplication.exit(context, () -> 1));
        }
    }

    @Test
    void a_peer_without_members_warns_that_it_shares_no_locks() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(EmbeddedNode.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try {
            startAndDestroy(HoldfastNode.builder().dataFolder(folder.resolve("lone")));
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains("a cluster of its own"));
            log.list.clear();
            startAndDestroy(HoldfastNode.builder().members(members("a").get(0)).dataFolder(folder.resolve("a")));
            assertThat(log.list).isEmpty();
        } finally {
            logger.detachAppender(log);
        }
    }

    private static void startAndDestroy(HoldfastNodeBuilder builder) {
        EmbeddedNode bean = new EmbeddedNode(builder, PATIENCE);
        bean.afterPropertiesSet();
        bean.destroy();
    }

    @Test
    void an_interrupt_does_not_cut_the_end_of_a_peer_short() {
        EmbeddedNode bean = new EmbeddedNode(HoldfastNode.builder().dataFolder(folder.resolve("a")), PATIENCE);
        bean.afterPropertiesSet();
        HoldfastNode node = bean.getObject();
        assertThat(node.health().live()).isTrue();
        Thread.currentThread().interrupt();
        bean.destroy();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(node.health().live()).isFalse();
        assertNoThreadsOf("holdfast");
    }

    @Test
    void a_peer_outlives_beans_that_do_not_depend_on_it() {
        ConfigurableApplicationContext context = start(WithWorker.class, "a", Map.of());
        Worker worker = context.getBean(Worker.class);
        worker.held = context.getBean(HoldfastClient.class)
                .createLock()
                .hold(Holdfast.createLockable("work").of());
        context.close();
        assertThat(worker.stillHeld).isTrue();
    }

    /** It was handed a lock, and knows nothing of clients. */
    static final class Worker implements DisposableBean {
        private volatile LockHandle held;
        private volatile boolean stillHeld;

        @Override
        public void destroy() {
            stillHeld = held.isHeld();
            held.release();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithWorker {
        @Bean
        Worker worker() {
            return new Worker();
        }
    }

    /** One of its own tasks throws, as its own tests have it. Nothing that an application can reach makes a peer fail at will. */
    private static void fail(ConfigurableApplicationContext context) throws ReflectiveOperationException {
        HoldfastNode node = context.getBean(HoldfastNode.class);
        Method timers = HoldfastNode.class.getDeclaredMethod("timers");
        timers.setAccessible(true);
        ((Timers) timers.invoke(node))
                .schedule(
                        () -> {
                            throw new AssertionError("a bug");
                        },
                        0);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> node.failure().toCompletableFuture().isDone());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    static final class Holder implements DisposableBean {
        private final LockHandle held;
        private volatile boolean releasedInOrder;

        Holder(HoldfastClient client) throws InterruptedException {
            held = client.createLock().hold(Holdfast.createLockable("resource").of());
        }

        @Override
        public void destroy() {
            held.release();
            releasedInOrder = true;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WithHolder {
        @Bean
        Holder holder(HoldfastClient client) throws InterruptedException {
            return new Holder(client);
        }
    }
}
