package dev.holdfast.spring.boot.actuate;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.HoldfastNode;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** The peer in this process whose client the application has, or that there is none. Another peer says nothing about the client. */
@Configuration(proxyBeanMethods = false)
class LocalPeerConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HoldfastNode.class)
    @Order(1)
    static class WithNode {

        @Bean
        @ConditionalOnSingleCandidate(HoldfastNode.class)
        LocalPeer holdfastLocalPeer(HoldfastNode node, HoldfastClient client) {
            return node.client() == client ? new LocalPeer.OfNode(node) : LocalPeer.NONE;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Order(2)
    static class WithoutNode {

        @Bean
        @ConditionalOnMissingBean
        LocalPeer holdfastNoLocalPeer() {
            return LocalPeer.NONE;
        }
    }
}
