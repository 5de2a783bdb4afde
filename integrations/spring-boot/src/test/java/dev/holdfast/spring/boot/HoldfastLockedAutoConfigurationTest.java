package dev.holdfast.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.spring.EnableHoldfastLocking;
import dev.holdfast.spring.HoldfastLockingConfiguration;
import dev.holdfast.spring.Locked;
import dev.holdfast.testkit.TestCluster;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@code @Locked} in an application that only has the starter. */
class HoldfastLockedAutoConfigurationTest {
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(HoldfastAutoConfiguration.class, HoldfastLockedAutoConfiguration.class));

    @Test
    void a_locked_method_runs_under_its_lock() {
        application.withUserConfiguration(InMemory.class).run(context -> {
            Reports reports = context.getBean(Reports.class);
            assertThat(reports.write()).isEqualTo("written");
            HoldfastClient other = context.getBean(TestCluster.class).newClient();
            try (LockHandle held =
                    other.createLock().hold(Holdfast.createLockable("report").of())) {
                assertThat(held.isHeld()).isTrue();
                assertThatThrownBy(reports::write).isInstanceOf(LockAlreadyHeldException.class);
            }
            assertThat(reports.write()).isEqualTo("written");
        });
    }

    @Test
    void it_can_be_switched_off() {
        application
                .withUserConfiguration(InMemory.class)
                .withPropertyValues("holdfast.locked.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HoldfastLockingConfiguration.class));
    }

    @Test
    void an_application_may_enable_it_itself() {
        application.withUserConfiguration(InMemory.class, Enabling.class).run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(HoldfastLockingConfiguration.class);
            HoldfastClient other = context.getBean(TestCluster.class).newClient();
            LockHandle held =
                    other.createLock().hold(Holdfast.createLockable("report").of());
            assertThat(held.isHeld()).isTrue();
            assertThatThrownBy(context.getBean(Reports.class)::write).isInstanceOf(LockAlreadyHeldException.class);
        });
    }

    @Test
    void it_is_not_there_without_a_client_or_without_its_module() {
        application
                .withPropertyValues("holdfast.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HoldfastLockingConfiguration.class));
        application
                .withClassLoader(new FilteredClassLoader(HoldfastLockingConfiguration.class))
                .withPropertyValues("holdfast.servers=127.0.0.1:1", "holdfast.start.timeout=0")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(HoldfastClient.class));
    }

    static class Reports {
        @Locked(name = "report")
        public String write() {
            return "written";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class InMemory {
        @Bean
        TestCluster cluster() {
            return TestCluster.start();
        }

        @Bean(destroyMethod = "")
        HoldfastClient client(TestCluster cluster) {
            return cluster.client();
        }

        @Bean
        Reports reports() {
            return new Reports();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableHoldfastLocking
    static class Enabling {}
}
