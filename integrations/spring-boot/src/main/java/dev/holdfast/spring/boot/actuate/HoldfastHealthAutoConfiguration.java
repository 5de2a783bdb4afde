package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.spring.boot.HoldfastAutoConfiguration;
import dev.holdfast.spring.boot.HoldfastProperties;
import java.time.Clock;
import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The health indicator {@code holdfast}, unless {@code management.health.holdfast.enabled} is false. */
@AutoConfiguration(after = HoldfastAutoConfiguration.class)
@ConditionalOnClass(HoldfastClient.class)
@ConditionalOnSingleCandidate(HoldfastClient.class)
@EnableConfigurationProperties(HoldfastProperties.class)
@Import(LocalPeerConfiguration.class)
public class HoldfastHealthAutoConfiguration {

    private static final String SESSION_NEWS = "holdfastSessionNews";

    /** For Spring. */
    HoldfastHealthAutoConfiguration() {}

    /** Has the listener registered before the beans that use the client, unless all are to be made late. */
    @Bean
    static BeanFactoryInitializer<ListableBeanFactory> holdfastSessionNewsFirst() {
        return beans -> {
            if (beans instanceof ConfigurableListableBeanFactory factory
                    && factory.containsBeanDefinition(SESSION_NEWS)
                    && !factory.getBeanDefinition(SESSION_NEWS).isLazyInit()) {
                factory.getBean(SESSION_NEWS);
            }
        };
    }

    private static ClusterHealth health(
            HoldfastClient client, SessionNews news, LocalPeer peer, HoldfastProperties holdfast) {
        return new ClusterHealth(client, news, peer, holdfast.actuator().timeout());
    }

    /** Where health is in the actuator. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {
                "org.springframework.boot.actuate.health.HealthIndicator",
                "org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator"
            })
    static class Boot3 {

        @Bean
        SessionNews holdfastSessionNews(HoldfastClient client) {
            return new SessionNews(client, Clock.systemUTC());
        }

        @Bean
        @ConditionalOnMissingBean(name = "holdfastHealthIndicator")
        @org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator("holdfast")
        Boot3HealthIndicator holdfastHealthIndicator(
                HoldfastClient client, SessionNews news, LocalPeer peer, HoldfastProperties holdfast) {
            return new Boot3HealthIndicator(health(client, news, peer, holdfast));
        }
    }

    /** Where health is a module of its own. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {
                "org.springframework.boot.health.contributor.HealthIndicator",
                "org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator"
            })
    static class Boot4 {

        @Bean
        SessionNews holdfastSessionNews(HoldfastClient client) {
            return new SessionNews(client, Clock.systemUTC());
        }

        @Bean
        @ConditionalOnMissingBean(name = "holdfastHealthIndicator")
        @org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator("holdfast")
        Boot4HealthIndicator holdfastHealthIndicator(
                HoldfastClient client, SessionNews news, LocalPeer peer, HoldfastProperties holdfast) {
            return new Boot4HealthIndicator(health(client, news, peer, holdfast));
        }
    }
}
