package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.spring.boot.HoldfastAutoConfiguration;
import dev.holdfast.spring.boot.HoldfastProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The endpoint {@code holdfast}, once it is exposed: {@code management.endpoints.web.exposure.include=health,holdfast}. */
@AutoConfiguration(after = HoldfastAutoConfiguration.class)
@ConditionalOnClass({HoldfastClient.class, Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnSingleCandidate(HoldfastClient.class)
@EnableConfigurationProperties(HoldfastProperties.class)
@Import(LocalPeerConfiguration.class)
public class HoldfastEndpointAutoConfiguration {

    /** For Spring. */
    HoldfastEndpointAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(endpoint = HoldfastEndpoint.class)
    HoldfastEndpoint holdfastEndpoint(HoldfastClient client, LocalPeer peer, HoldfastProperties holdfast) {
        return new HoldfastEndpoint(client, peer, holdfast.actuator().timeout());
    }
}
