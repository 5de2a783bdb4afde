package dev.holdfast.spring.boot.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext.HierarchyMode;
import org.springframework.test.context.TestContextManager;

/**
 * An application's test with a cluster in memory, run by Spring's test framework alone: its extension of JUnit takes another JUnit with each
 * version.
 */
@Tag("long")
class AutoConfigureTestHoldfastTest {

    @Test
    void the_test_moves_the_application_s_time() throws Exception {
        TestContextManager manager = new TestContextManager(BillingCase.class);
        BillingCase test = new BillingCase();
        manager.prepareTestInstance(test);
        try {
            test.the_hold_ends_in_its_time();
        } finally {
            manager.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE);
        }
    }

    @SpringBootTest(
            webEnvironment = SpringBootTest.WebEnvironment.NONE,
            properties = {"spring.main.banner-mode=off", "holdfast.mode=embedded"})
    @AutoConfigureTestHoldfast
    static class BillingCase {
        @Configuration(proxyBeanMethods = false)
        @EnableAutoConfiguration
        static class Application {}

        @Autowired
        private HoldfastClient client;

        @Autowired
        private TestCluster cluster;

        @Autowired
        private ObjectProvider<HoldfastNode> node;

        void the_hold_ends_in_its_time() throws InterruptedException {
            assertThat(node.getIfAvailable()).isNull();
            LockHandle held = client.createLock()
                    .hold(
                            Holdfast.createLockable("report").of(),
                            AcquireOptions.defaults().ttl(Duration.ofMinutes(10)));
            cluster.advance(Duration.ofMinutes(9));
            assertThat(held.isHeld()).isTrue();
            cluster.advance(Duration.ofMinutes(2));
            assertThat(held.state()).isEqualTo(HoldState.LOST);
        }
    }
}
