package dev.holdfast.spring.boot.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.spring.boot.HoldfastAutoConfiguration;
import dev.holdfast.testkit.TestCluster;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** What a test has in place of the application's own beans. */
class TestClientEverywhereTest {
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(TestHoldfastAutoConfiguration.class, HoldfastAutoConfiguration.class));

    @Test
    void clients_that_the_application_declares_are_replaced() {
        application.withUserConfiguration(RealClients.class).run(context -> {
            assertThat(context).hasNotFailed();
            HoldfastClient inMemory = context.getBean(TestCluster.class).client();
            assertThat(context.getBean(HoldfastClient.class)).isSameAs(inMemory);
            assertThat(context.getBeansOfType(HoldfastClient.class).values())
                    .hasSize(2)
                    .allSatisfy(each -> assertThat(each).isSameAs(inMemory));
        });
    }

    @Test
    void a_node_that_the_application_declares_is_refused() {
        application
                .withUserConfiguration(RealNode.class)
                .run(context ->
                        assertThat(context).getFailure().hasMessageContaining("a HoldfastNode as a bean, 'node'"));
    }

    @Configuration(proxyBeanMethods = false)
    static class RealClients {
        @Bean
        @Primary
        HoldfastClient production() {
            return Holdfast.connect("127.0.0.1:1", ClientOptions.defaults());
        }

        @Bean
        HoldfastClient other() {
            throw new AssertionError("made");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class RealNode {
        @Bean
        HoldfastNode node() {
            throw new AssertionError("made");
        }
    }
}
