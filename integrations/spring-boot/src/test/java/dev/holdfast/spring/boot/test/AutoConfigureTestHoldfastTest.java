package dev.holdfast.spring.boot.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;

/** An application's test with a cluster in memory. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.NONE, properties = "spring.main.banner-mode=off")
@AutoConfigureTestHoldfast
class AutoConfigureTestHoldfastTest {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @Autowired
    private HoldfastClient client;

    @Autowired
    private TestCluster cluster;

    @Test
    void the_test_moves_the_application_s_time() throws InterruptedException {
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
