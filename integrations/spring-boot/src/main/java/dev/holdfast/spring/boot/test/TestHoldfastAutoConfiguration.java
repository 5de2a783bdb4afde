package dev.holdfast.spring.boot.test;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.spring.boot.HoldfastAutoConfiguration;
import dev.holdfast.testkit.TestCluster;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** A cluster in memory and its client, in place of others. Only by {@link AutoConfigureTestHoldfast}. */
@AutoConfiguration(before = HoldfastAutoConfiguration.class)
public class TestHoldfastAutoConfiguration {

    /** For Spring. */
    TestHoldfastAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    TestCluster holdfastTestCluster(@Value("${holdfast.test.clock:manual}") String clock) {
        return switch (clock) {
            case "manual" -> TestCluster.startWithManualClock();
            case "system" -> TestCluster.start();
            default ->
                throw new IllegalArgumentException(
                        "holdfast.test.clock is '" + clock + "'; allowed are manual and system");
        };
    }

    /** After all definitions are there, also those of the application. */
    @Bean
    static TestClientEverywhere holdfastTestClientEverywhere() {
        return new TestClientEverywhere();
    }

    /** The cluster closes it. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    HoldfastClient holdfastClient(TestCluster holdfastTestCluster) {
        return holdfastTestCluster.client();
    }
}
