package dev.holdfast.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.testkit.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** What there is for which properties, and what a wrong one says. */
class HoldfastAutoConfigurationTest {
    @TempDir
    static Path folder;

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(HoldfastAutoConfiguration.class));

    private FailureAnalysis failure(String... properties) {
        AtomicReference<FailureAnalysis> analysis = new AtomicReference<>();
        application.withPropertyValues(properties).run(context -> {
            assertThat(context).hasFailed();
            analysis.set(new HoldfastFailureAnalyzer().analyze(context.getStartupFailure()));
        });
        assertThat(analysis.get()).as("what people are told").isNotNull();
        return analysis.get();
    }

    @Test
    void the_tests_run_with_the_version_that_they_are_said_to() {
        assertThat(SpringBootVersion.getVersion()).startsWith(System.getProperty("holdfast.spring-boot", "3") + ".");
    }

    @Test
    void a_thin_client_is_there_and_is_closed_with_the_context() throws IOException {
        AtomicReference<HoldfastClient> used = new AtomicReference<>();
        application
                .withPropertyValues(
                        "holdfast.servers=127.0.0.1:" + FreePorts.find(1).get(0), "holdfast.start.timeout=0")
                .run(context -> {
                    assertThat(context).hasSingleBean(HoldfastClient.class).doesNotHaveBean(HoldfastNode.class);
                    used.set(context.getBean(HoldfastClient.class));
                });
        assertThatThrownBy(() -> used.get().list("")).isInstanceOf(LockClientClosedException.class);
    }

    @Test
    void without_servers_the_start_says_what_to_do() {
        FailureAnalysis told = failure();
        assertThat(told.getDescription()).startsWith("holdfast.servers is missing");
        assertThat(told.getAction()).contains("holdfast.servers", "holdfast.mode=embedded", "holdfast.enabled=false");
    }

    @Test
    void a_wrong_value_is_told_with_its_property_and_what_is_allowed() {
        assertThat(failure("holdfast.servers=127.0.0.1").getDescription())
                .contains("holdfast.servers is '127.0.0.1'", "expected host:port");
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.client.session-lease=50ms")
                        .getDescription())
                .contains("holdfast.client.session-lease is 'PT0.05S'", "at least 200 ms");
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.client.tls.certificate=a.pem")
                        .getDescription())
                .contains("holdfast.client.tls has a certificate or a key, but not both");
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.client.tls.trust=missing.pem")
                        .getDescription())
                .contains("holdfast.client.tls", "missing.pem");
    }

    @Test
    void a_property_that_is_not_there_is_an_error() {
        application
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.client.session-leese=5s")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("holdfast.client.session-leese"));
    }

    @Test
    void what_an_embedded_peer_misses_is_told() {
        assertThat(failure("holdfast.mode=embedded").getDescription()).startsWith("holdfast.node.data is missing");
        assertThat(failure(
                                "holdfast.mode=embedded",
                                "holdfast.node.data=data",
                                "holdfast.node.members=a=127.0.0.1:7101:7201,b=127.0.0.1:7102:7202")
                        .getDescription())
                .isEqualTo("holdfast.node.id is missing: which of the members a, b is this application's peer?");
        assertThat(failure(
                                "holdfast.mode=embedded",
                                "holdfast.node.data=data",
                                "holdfast.node.id=z",
                                "holdfast.node.members=a=127.0.0.1:7101:7201,b=127.0.0.1:7102:7202")
                        .getDescription())
                .contains("holdfast.node.id is 'z', which is none of holdfast.node.members: a, b");
        assertThat(failure("holdfast.mode=embedded", "holdfast.node.data=data", "holdfast.node.members=a=127.0.0.1")
                        .getDescription())
                .contains("holdfast.node.members is 'a=127.0.0.1'", "id=host:raftPort:clientPort");
        assertThat(failure("holdfast.mode=embedded", "holdfast.node.data=data", "holdfast.node.max-voters=12")
                        .getDescription())
                .contains("holdfast.node.max-voters is '12'", "1 to 9");
        assertThat(failure("holdfast.mode=embedded", "holdfast.node.data=data", "holdfast.client.token=s3cret")
                        .getDescription())
                .contains("holdfast.mode is 'embedded'", "holdfast.client")
                .doesNotContain("s3cret");
    }

    @Test
    void a_join_token_is_not_shown() {
        FailureAnalysis told = failure(
                "holdfast.mode=embedded",
                "holdfast.node.data=data",
                "holdfast.node.join=true",
                "holdfast.node.join-token=s3cret");
        assertThat(told.getDescription()).contains("holdfast.node.join-token").doesNotContain("s3cret");
        assertThat(told.getCause().getMessage()).doesNotContain("s3cret");
    }

    @Test
    void embedded_without_a_node_on_the_class_path_says_so() {
        application
                .withClassLoader(new FilteredClassLoader("dev.holdfast.node", "dev.holdfast.testkit"))
                .withPropertyValues("holdfast.mode=embedded")
                .run(context -> assertThat(new HoldfastFailureAnalyzer()
                                .analyze(context.getStartupFailure())
                                .getAction())
                        .contains("dev.holdfast:holdfast-node"));
    }

    @Test
    void a_thin_client_needs_no_node_on_the_class_path() {
        application
                .withClassLoader(new FilteredClassLoader("dev.holdfast.node", "dev.holdfast.testkit"))
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=0")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(HoldfastClient.class));
    }

    @Test
    void an_application_with_a_client_of_its_own_gets_no_other() {
        for (String mode : new String[] {"thin", "embedded"}) {
            application
                    .withUserConfiguration(OwnClient.class)
                    .withPropertyValues("holdfast.mode=" + mode)
                    .run(context -> assertThat(context)
                            .hasNotFailed()
                            .hasSingleBean(HoldfastClient.class)
                            .hasBean("mine")
                            .doesNotHaveBean(HoldfastNode.class));
        }
    }

    @Test
    void nothing_is_there_if_it_is_not_enabled() {
        application
                .withPropertyValues("holdfast.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HoldfastClient.class));
    }

    @Test
    void the_client_has_the_application_s_name_and_what_customizers_say() {
        ClientOptions options = new ClientSettings(
                        new HoldfastClientProperties(
                                null, null, null, null, null, null, null, null, null, null, false, null),
                        "billing",
                        java.util.List.of(given -> given.host("here")))
                .thin(ClientOptions.defaults());
        assertThat(options.name()).isEqualTo("billing");
        assertThat(options.host()).isEqualTo("here");
    }

    @Test
    void a_start_that_must_not_go_on_without_a_leader_fails() throws IOException {
        FailureAnalysis told = failure(
                "holdfast.servers=127.0.0.1:" + FreePorts.find(1).get(0),
                "holdfast.start.timeout=100ms",
                "holdfast.start.on-timeout=fail");
        assertThat(told.getDescription()).contains("No lock can be taken after 100 ms", "no leader");
    }

    @Test
    void what_others_are_needed_for_is_refused_without_members() {
        for (String property :
                new String[] {"id=a", "listen=0.0.0.0", "secret-file=members.secret", "tls.members.trust=ca.pem"}) {
            assertThat(failure("holdfast.mode=embedded", "holdfast.node.data=data", "holdfast.node." + property)
                            .getDescription())
                    .startsWith("holdfast.node.members is missing")
                    .endsWith("holdfast.node."
                            + property.substring(0, property.indexOf('=')).replace(".trust", ""));
        }
    }

    @Test
    void an_insecure_token_of_an_embedded_client_is_refused_as_the_token_is() {
        assertThat(failure("holdfast.mode=embedded", "holdfast.node.data=data", "holdfast.client.insecure-token=true")
                        .getDescription())
                .contains("holdfast.mode is 'embedded'", "insecure-token");
    }

    @Test
    void properties_of_a_peer_are_refused_without_one() {
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.node.data=data")
                        .getDescription())
                .isEqualTo("holdfast.mode is 'thin', but there are properties of an embedded peer: holdfast.node.data");
    }

    private static void check(Map<String, Object> variables, Map<String, Object> properties) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .replace("systemEnvironment", new SystemEnvironmentPropertySource("systemEnvironment", variables));
        environment
                .getPropertySources()
                .replace("systemProperties", new MapPropertySource("systemProperties", properties));
        new PropertyNames(environment).check();
    }

    @Test
    void a_variable_or_a_system_property_that_is_not_there_is_an_error_too() {
        assertThatThrownBy(() -> check(Map.of("HOLDFAST_CLIENT_SESSIONLEESE", "5s"), Map.of()))
                .hasMessage("There is no such property: HOLDFAST_CLIENT_SESSIONLEESE");
        assertThatThrownBy(() -> check(Map.of(), Map.of("holdfast.node.dats", "/data", "holdfast.start.timout", "1s")))
                .hasMessage("There is no such property: holdfast.node.dats, holdfast.start.timout");
    }

    @Test
    void a_system_property_that_is_not_there_ends_the_start() {
        application
                .withSystemProperties("holdfast.client.session-leese=5s")
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=0")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("There is no such property: holdfast.client.session-leese"));
    }

    @Test
    void all_spellings_of_a_property_are_known_and_what_kubernetes_sets_for_a_service_is_none() {
        check(
                Map.of(
                        "HOLDFAST_CLIENT_SESSIONLEASE", "5s",
                        "HOLDFAST_CLIENT_SESSION_LEASE", "5s",
                        "HOLDFAST_NODE_MEMBERS_0", "a=127.0.0.1:1:2",
                        "HOLDFAST_NODE_TLS_MEMBERS_STOREPASSWORDFILE", "file",
                        "HOLDFAST_NODE_SERVICE_HOST", "10.0.0.1",
                        "HOLDFAST_NODE_SERVICE_PORT_RAFT", "7101",
                        "HOLDFAST_NODE_PORT", "tcp://10.0.0.1:7101",
                        "HOLDFAST_NODE_PORT_7101_TCP_ADDR", "10.0.0.1",
                        "HOLDFAST_HOME", "/opt"),
                Map.of(
                        "holdfast.client.sessionLease", "5s",
                        "holdfast.node.election-timeout.min", "1s",
                        "holdfast.node.access.admins[0]", "ada",
                        "holdfast.test.spring", "6"));
    }

    @Test
    void the_value_of_a_property_that_is_not_there_is_not_shown() {
        application
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.client.tls.store-password=hunter2")
                .run(context -> {
                    FailureAnalysis told = new UnknownPropertyFailureAnalyzer().analyze(context.getStartupFailure());
                    assertThat(told.getDescription())
                            .isEqualTo("There is no such property: holdfast.client.tls.store-password");
                    assertThat(told.getDescription() + told.getAction()).doesNotContain("hunter2");
                });
        // As Spring Boot asks them: the first that knows something.
        List<FailureAnalyzer> analyzers = new ArrayList<>(SpringFactoriesLoader.forDefaultResourceLocation()
                .load(
                        FailureAnalyzer.class,
                        SpringFactoriesLoader.ArgumentResolver.none(),
                        (type, name, failure) -> {}));
        AnnotationAwareOrderComparator.sort(analyzers);
        assertThat(analyzers.subList(0, 2))
                .hasOnlyElementsOfTypes(HoldfastFailureAnalyzer.class, UnknownPropertyFailureAnalyzer.class);
    }

    @Test
    void times_are_in_their_ranges_and_a_number_without_unit_is_told() {
        assertThat(failure("holdfast.mode=embedded", "holdfast.node.data=data", "holdfast.node.drain-timeout=10")
                        .getDescription())
                .contains("holdfast.node.drain-timeout is 'PT0.01S'", "1 s to 600 s", "milliseconds");
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=10")
                        .getDescription())
                .contains("holdfast.start.timeout is 'PT0.01S'", "100 ms to 3600 s");
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=-1s")
                        .getDescription())
                .contains("holdfast.start.timeout");
        assertThat(failure("holdfast.servers=127.0.0.1:1", "holdfast.actuator.timeout=0")
                        .getDescription())
                .contains("holdfast.actuator.timeout is 'PT0S'");
    }

    private static StartGate refused(HoldfastProperties.OnTimeout onTimeout) {
        return new StartGate(
                new StartGate.Awaited() {
                    @Override
                    public boolean await(Duration timeout) {
                        throw new LockRequestRejectedException(
                                LockRequestRejectedException.Reason.values()[0], "the token is not known");
                    }

                    @Override
                    public String missing() {
                        return "";
                    }
                },
                new HoldfastProperties.Start(Duration.ofSeconds(1), onTimeout));
    }

    @Test
    void a_client_that_is_refused_starts_or_not_as_the_properties_say() {
        StartGate going = refused(HoldfastProperties.OnTimeout.CONTINUE);
        going.start();
        assertThat(going.isRunning()).isTrue();
        StartGate failing = refused(HoldfastProperties.OnTimeout.FAIL);
        assertThatThrownBy(failing::start)
                .isInstanceOf(HoldfastStartException.class)
                .hasMessageContaining("the token is not known");
        assertThat(failing.isRunning()).isFalse();
    }

    @Test
    void the_client_outlives_beans_that_do_not_depend_on_it() {
        AtomicReference<Independent> bean = new AtomicReference<>();
        application
                .withUserConfiguration(WithIndependent.class)
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=0")
                .run(context -> {
                    bean.set(context.getBean(Independent.class));
                    bean.get().client = context.getBean(HoldfastClient.class);
                });
        assertThat(bean.get().usable).isTrue();
        assertThatThrownBy(() -> bean.get().client.awaitConnected(Duration.ofMillis(1)))
                .isInstanceOf(LockClientClosedException.class);
    }

    static final class Independent implements DisposableBean {
        private HoldfastClient client;
        private boolean usable;

        @Override
        public void destroy() throws InterruptedException {
            usable = !client.awaitConnected(Duration.ofMillis(1));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithIndependent {
        @Bean
        Independent independent() {
            return new Independent();
        }
    }

    @Tag("long")
    @Test
    void an_application_with_a_node_of_its_own_gets_the_client_of_that() {
        application
                .withUserConfiguration(OwnNode.class)
                .withPropertyValues("holdfast.start.on-timeout=fail", "holdfast.start.timeout=2m")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(HoldfastNode.class);
                    assertThat(context.getBean(HoldfastClient.class))
                            .isSameAs(context.getBean(HoldfastNode.class).client());
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnNode {
        @Bean
        HoldfastNode mine() throws IOException {
            return HoldfastNode.builder().dataFolder(folder.resolve("own-node")).start();
        }
    }

    @Test
    void a_client_takes_a_lock() {
        application.withUserConfiguration(OwnClient.class).run(context -> {
            HoldfastClient client = context.getBean(HoldfastClient.class);
            try (LockHandle held =
                    client.createLock().hold(Holdfast.createLockable("job").of())) {
                assertThat(held.isHeld()).isTrue();
                assertThat(client.sessionIds()).hasSize(1);
            }
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnClient {
        @Bean
        TestCluster cluster() {
            return TestCluster.start();
        }

        @Bean(destroyMethod = "")
        HoldfastClient mine(TestCluster cluster) {
            return cluster.client();
        }
    }
}
