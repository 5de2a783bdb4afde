package dev.holdfast.samples.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.spring.boot.test.AutoConfigureTestHoldfast;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** A test of a method with a lock, as its author would write it. */
@Tag("long")
@SpringBootTest
@AutoConfigureTestHoldfast
class BillingTest {
    @Autowired
    private Billing billing;

    @Autowired
    private TestCluster cluster;

    @Test
    void a_customer_can_be_billed_when_the_time_of_another_instance_is_up() throws InterruptedException {
        Lockable customer =
                Holdfast.createLockable("bill", LockableOptions.plural()).of("ada");
        HoldfastLock other = cluster.newClient().createLock();
        LockHandle theirs = other.hold(customer, AcquireOptions.defaults().ttl(Duration.ofMinutes(10)));
        assertThatThrownBy(() -> billing.bill("ada")).isInstanceOf(LockAlreadyHeldException.class);

        cluster.advance(Duration.ofMinutes(11));
        assertThat(theirs.isHeld()).isFalse();
        assertThat(billing.bill("ada")).contains("ada");
    }
}
