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
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * A {@link HoldfastClient} for the application. In the mode {@code thin} it talks to peers elsewhere, and is closed with the context. In the
 * mode {@code embedded} there is a {@link HoldfastNode} beside it, whose client it is. An application with a client or a node as a bean of its
 * own gets neither.
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

    /** A client of peers elsewhere. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "holdfast.mode", havingValue = "thin", matchIfMissing = true)
    @ConditionalOnMissingBean(HoldfastClient.class)
    static class Thin {

        @Bean(destroyMethod = "close")
        HoldfastClient holdfastClient(HoldfastProperties properties, ClientSettings settings) {
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
    @ConditionalOnProperty(name = "holdfast.mode", havingValue = "embedded")
    @ConditionalOnClass(HoldfastNode.class)
    @ConditionalOnMissingBean({HoldfastClient.class, HoldfastNode.class})
    @EnableConfigurationProperties(HoldfastNodeProperties.class)
    static class Embedded {

        @Bean
        EmbeddedNode holdfastNode(
                HoldfastNodeProperties properties,
                ClientSettings settings,
                ObjectProvider<HoldfastNodeBuilderCustomizer> customizers) {
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
        @ConditionalOnProperty(name = "holdfast.node.on-failure", havingValue = "close-application")
        FailureWatch holdfastFailureWatch(HoldfastNode holdfastNode, ConfigurableApplicationContext context) {
            return new FailureWatch(holdfastNode, context);
        }
    }

    /** The mode without what it takes. */
    @Configuration(proxyBeanMethods = false)
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
