package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.metrics.HoldfastMeters;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.spring.boot.HoldfastAutoConfiguration;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the client and the embedded peer measure, for each registry of Micrometer's that the application has. */
@AutoConfiguration(after = HoldfastAutoConfiguration.class)
@ConditionalOnClass({HoldfastClient.class, MeterBinder.class})
@ConditionalOnSingleCandidate(HoldfastClient.class)
public class HoldfastMetricsAutoConfiguration {

    /** For Spring. */
    HoldfastMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    HoldfastMeters holdfastMeters(HoldfastClient client) {
        return new HoldfastMeters(client.metrics().registry());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HoldfastNode.class)
    static class OfNode {

        @Bean
        @ConditionalOnSingleCandidate(HoldfastNode.class)
        MeterBinder holdfastNodeMeters(HoldfastNode node) {
            return new NodeMeters(
                    node.client().metrics().registry(), Tags.of("cluster", node.clusterName(), "peer", node.id()));
        }
    }
}
