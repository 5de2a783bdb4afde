package dev.holdfast.spring.boot;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * A {@link HoldfastClient} for the application. In the mode {@code thin} it talks to peers elsewhere, and is closed with the context. In the
 * mode {@code embedded} there is a {@link HoldfastNode} beside it, whose client it is. An application with a client as a bean of its own gets
 * neither, and one with a node of its own gets the client of that.
 */
@AutoConfiguration
@ConditionalOnClass(HoldfastClient.class)
@ConditionalOnProperty(name = "holdfast.enabled", matchIfMissing = true)
@EnableConfigurationProperties({HoldfastProperties.class, HoldfastClientProperties.class})
public class HoldfastAutoConfiguration {

    /** For Spring. */
    HoldfastAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    ClientSettings holdfastClientSettings(
            HoldfastClientProperties properties,
            Environment environment,
            ObjectProvider<ClientOptionsCustomizer> customizers) {
        return new ClientSettings(
                properties,
                environment.getProperty("spring.application.name"),
                customizers.orderedStream().toList());
    }

    /** The client of a node that the application has as a bean of its own. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HoldfastNode.class)
    @ConditionalOnSingleCandidate(HoldfastNode.class)
    @ConditionalOnMissingBean(HoldfastClient.class)
    @Import(ClientFirst.class)
    @Order(1)
    static class OwnNode {

        /** The node closes it. */
        @Bean(destroyMethod = "")
        HoldfastClient holdfastClient(HoldfastNode node, HoldfastProperties properties) {
            if (properties.servers() != null && !properties.servers().isEmpty()) {
                throw Setting.missing(
                        "The application has a HoldfastNode as a bean, but holdfast.servers is set: whose client is meant?",
                        "Remove holdfast.servers for the client of that node, or declare a HoldfastClient as a bean.");
            }
            return node.client();
        }

        @Bean
        StartGate holdfastStartGate(HoldfastNode node, HoldfastProperties properties) {
            return new StartGate(new NodeReadiness(node), properties.start());
        }
    }

    /** A client of peers elsewhere. */
    @Configuration(proxyBeanMethods = false)
    @Order(2)
    @Import(ClientFirst.class)
    @ConditionalOnProperty(name = "holdfast.mode", havingValue = "thin", matchIfMissing = true)
    @ConditionalOnMissingBean(HoldfastClient.class)
    static class Thin {

        @Bean(destroyMethod = "close")
        HoldfastClient holdfastClient(
                HoldfastProperties properties, ClientSettings settings, ConfigurableEnvironment environment) {
            PropertyNames names = new PropertyNames(environment);
            names.refuseNode();
            names.check();
            List<String> servers = properties.servers();
            if (servers == null || servers.isEmpty()) {
                throw Setting.missing(
                        "holdfast.servers is missing: where do the peers of the Holdfast cluster serve clients?",
                        "Set holdfast.servers to host:port,host:port,...; or have a peer in this application, with"
                                + " holdfast.mode=embedded and holdfast.node.data; or set holdfast.enabled=false.");
            }
            servers.forEach(each -> Setting.convert("holdfast.servers", each, HostPort::parse));
            ClientOptions options = settings.thin(ClientOptions.defaults());
            try {
                return Holdfast.connect(String.join(",", servers), options);
            } catch (UncheckedIOException e) {
                throw new HoldfastStartException(
                        "The files of holdfast.client.tls cannot be used: " + e.getMessage(),
                        "Correct holdfast.client.tls, or the files that it names.",
                        e);
            }
        }

        @Bean
        StartGate holdfastStartGate(HoldfastClient holdfastClient, HoldfastProperties properties) {
            return new StartGate(
                    new StartGate.Awaited() {
                        @Override
                        public boolean await(Duration timeout) throws InterruptedException {
                            return holdfastClient.awaitConnected(timeout);
                        }

                        @Override
                        public String missing() {
                            return "no leader of the cluster answers; holdfast.servers is " + properties.servers();
                        }
                    },
                    properties.start());
        }
    }

    /** A peer in this process, and its client. */
    @Configuration(proxyBeanMethods = false)
    @Order(2)
    @Import(ClientFirst.class)
    @ConditionalOnProperty(name = "holdfast.mode", havingValue = "embedded")
    @ConditionalOnClass(HoldfastNode.class)
    @ConditionalOnMissingBean({HoldfastClient.class, HoldfastNode.class})
    @EnableConfigurationProperties(HoldfastNodeProperties.class)
    static class Embedded {

        @Bean
        EmbeddedNode holdfastNode(
                HoldfastNodeProperties properties,
                ClientSettings settings,
                ConfigurableEnvironment environment,
                ObjectProvider<HoldfastNodeBuilderCustomizer> customizers) {
            new PropertyNames(environment).check();
            ClientOptions client = settings.embedded(ClientOptions.defaults());
            MetricRegistry registry = client.metricRegistry();
            HoldfastNodeBuilder builder = new NodeSettings(properties)
                    .builder()
                    .metrics(registry == null ? new MetricRegistry() : registry)
                    .clientOptions(
                            defaults -> client.metricRegistry(Objects.requireNonNull(defaults.metricRegistry())));
            customizers.orderedStream().forEach(each -> each.customize(builder));
            return new EmbeddedNode(builder, properties.drainTimeout());
        }

        /** The node closes it. */
        @Bean(destroyMethod = "")
        HoldfastClient holdfastClient(HoldfastNode holdfastNode) {
            return holdfastNode.client();
        }

        @Bean
        StartGate holdfastStartGate(HoldfastNode holdfastNode, HoldfastProperties properties) {
            return new StartGate(new NodeReadiness(holdfastNode), properties.start());
        }

        @Bean
        FailureWatch holdfastFailureWatch(
                HoldfastNode holdfastNode,
                HoldfastNodeProperties properties,
                ConfigurableApplicationContext context,
                ObjectProvider<ApplicationExit> exit) {
            return new FailureWatch(
                    holdfastNode,
                    properties.onFailure(),
                    context,
                    exit.getIfAvailable(() -> ApplicationExit.WITH_FAILURE));
        }
    }

    /** The mode without what it takes. */
    @Configuration(proxyBeanMethods = false)
    @Order(2)
    @ConditionalOnProperty(name = "holdfast.mode", havingValue = "embedded")
    @ConditionalOnMissingClass("dev.holdfast.node.HoldfastNode")
    @ConditionalOnMissingBean(HoldfastClient.class)
    static class WithoutNode {

        @Bean
        HoldfastClient holdfastClient() {
            throw Setting.missing(
                    "holdfast.mode is 'embedded', but there is no peer on the class path",
                    "Add the dependency dev.holdfast:holdfast-node, or set holdfast.mode to 'thin'.");
        }
    }
}
