package dev.holdfast.samples.lock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.spring.boot.test.AutoConfigureTestHoldfast;
import dev.holdfast.testkit.TestCluster;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** The application's own test, as its author would write it. */
@Tag("long")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.NONE)
@AutoConfigureTestHoldfast
class LockApplicationTest {
    @Autowired
    private HoldfastClient client;

    @Autowired
    private TestCluster cluster;

    @Test
    void the_application_has_run_and_given_the_lock_back() throws InterruptedException {
        assertThat(client).isSameAs(cluster.client());
        try (LockHandle next =
                client.createLock().hold(Holdfast.createLockable("report").of())) {
            assertThat(next.token()).as("the application had the first").isEqualTo(2);
        }
    }
}
