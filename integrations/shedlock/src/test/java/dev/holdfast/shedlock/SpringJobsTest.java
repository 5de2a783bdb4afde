package dev.holdfast.shedlock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.testkit.TestCluster;
import java.util.ArrayList;
import java.util.List;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Jobs of a Spring context, through ShedLock's own module for it. */
class SpringJobsTest {
    private static final Lockable REPORT =
            Holdfast.createLockable("shedlock", LockableOptions.plural()).of("report");

    @Configuration
    @EnableSchedulerLock(defaultLockAtMostFor = "PT10M")
    static class Application {
        @Bean(destroyMethod = "close")
        TestCluster cluster() {
            return TestCluster.start();
        }

        @Bean
        LockProvider lockProvider(TestCluster cluster) {
            return new HoldfastLockProvider(cluster.client());
        }

        @Bean
        Reports reports() {
            return new Reports();
        }
    }

    static class Reports {
        final List<Long> tokens = new ArrayList<>();

        @SchedulerLock(name = "report", lockAtMostFor = "PT5M")
        public void report() {
            tokens.add(JobHold.token());
        }

        List<Long> tokens() {
            return tokens;
        }
    }

    @Test
    void an_annotated_method_runs_under_a_lock_with_its_token() {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Application.class)) {
            Reports reports = context.getBean(Reports.class);
            HoldfastLock lock = context.getBean(TestCluster.class).newClient().createLock();

            reports.report();
            try (LockHandle mine = lock.hold(REPORT)) {
                reports.report();
                assertThat(reports.tokens())
                        .singleElement()
                        .satisfies(token -> assertThat(token).isLessThan(mine.token()));
            }
            reports.report();

            assertThat(reports.tokens()).hasSize(2).isSorted();
        }
    }
}
