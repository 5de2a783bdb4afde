package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.util.ClassUtils;

/** What Spring Integration 7 has and 6 had not. */
class DistributedLockTest {
    private static final boolean THERE = ClassUtils.isPresent(
            "org.springframework.integration.support.locks.DistributedLock",
            DistributedLockTest.class.getClassLoader());

    @Configuration
    static class Application {
        @Bean(destroyMethod = "close")
        TestCluster cluster() {
            return TestCluster.start();
        }

        @Bean
        HoldfastLockRegistry lockRegistry(TestCluster cluster) {
            return new HoldfastLockRegistry(cluster.client());
        }

        @Bean
        Any any(LockRegistry<?> registry) {
            return new Any(registry);
        }

        @Bean
        Distributed distributed(LockRegistry<DistributedLock> registry) {
            return new Distributed(registry);
        }
    }

    record Any(LockRegistry<?> registry) {}

    record Distributed(LockRegistry<DistributedLock> registry) {}

    @Test
    void it_is_injected_as_a_registry_of_distributed_locks() throws Exception {
        assumeTrue(THERE, "Spring Integration 6 has no DistributedLock");
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Application.class)) {
            DistributedLock lock = context.getBean(Distributed.class).registry().obtain("foo");
            HoldfastClient other = context.getBean(TestCluster.class).newClient();

            lock.lock(Duration.ofMinutes(1));
            assertThat(new HoldfastLockRegistry(other).obtain("foo").tryLock()).isFalse();
            assertThat(lock.tryLock(Duration.ZERO, Duration.ofMinutes(2))).isTrue();
            lock.unlock();
            lock.unlock();

            assertThat(context.getBean(Any.class).registry().obtain("foo")).isSameAs(lock);
        }
    }
}
