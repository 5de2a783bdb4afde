package dev.holdfast.jepsen.concurrency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.jepsen.cluster.Commands;
import dev.holdfast.jepsen.cluster.Commands.Ended;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Thousands of callers at once, over a cluster in memory. Those on virtual threads share a single carrier: a caller
 * that blocks without leaving it stops all others, including the one that it waits for.
 */
@Tag("long")
class CrowdTest {
    private static final int PLATFORM_THREADS = 300;
    private static final int PLATFORM_VISITS = 20;
    private static final int VIRTUAL_THREADS = 10_000;
    private static final int VIRTUAL_VISITS = 2;
    private static final int SOAK_THREADS = 50_000;
    private static final int SOAK_VISITS = 40;

    /** Far longer than it takes: whoever is not through by then is stuck. */
    private static final Duration BOUND = Duration.ofMinutes(10);

    private static final Duration SOAK_BOUND = Duration.ofHours(2);
    private static final Duration BOUND_OF_THE_STUCK = Duration.ofSeconds(2);
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

    @Test
    void platform_threads_exclude_each_other_and_all_get_their_turn() throws InterruptedException {
        try (Door door = Door.holdfast(Crowd.ROOMS)) {
            assertThat(onPlatformThreads(door)).isEmpty();
        }
    }

    @Test
    void a_lock_that_keeps_nobody_out_is_noticed() throws InterruptedException {
        assertThat(onPlatformThreads(Door.open())).contains("two in one room");
    }

    private static List<String> onPlatformThreads(Door door) throws InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            return new Crowd(door, PLATFORM_THREADS, PLATFORM_VISITS).run(threads, BOUND);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void virtual_threads_exclude_each_other_and_all_get_their_turn_on_one_carrier() throws Exception {
        assertPasses(onVirtualThreads("holdfast", VIRTUAL_THREADS, VIRTUAL_VISITS, BOUND));
    }

    @Test
    @Tag("soak")
    void many_more_virtual_threads_get_many_more_turns() throws Exception {
        assertPasses(onVirtualThreads("holdfast", SOAK_THREADS, SOAK_VISITS, SOAK_BOUND));
    }

    private static void assertPasses(Ended ended) {
        assertThat(ended.output()).contains("VirtualThread");
        assertThat(ended.status()).as(ended.output()).isZero();
    }

    @Test
    void a_lock_that_keeps_no_virtual_thread_out_is_noticed() throws Exception {
        Ended ended = onVirtualThreads("open", VIRTUAL_THREADS, VIRTUAL_VISITS, BOUND);
        assertThat(ended.output()).contains("VirtualThread", "two in one room");
        assertThat(ended.status()).isOne();
    }

    @Test
    void a_lock_that_keeps_the_carrier_while_it_waits_is_noticed() throws Exception {
        Ended ended = onVirtualThreads("spinning", VIRTUAL_THREADS, VIRTUAL_VISITS, BOUND_OF_THE_STUCK);
        assertThat(ended.output()).contains("VirtualThread", "callers are stuck");
        assertThat(ended.status()).isOne();
    }

    private static Ended onVirtualThreads(String door, int callers, int visitsEach, Duration bound) throws Exception {
        Optional<Jdk> jdk = Jdk.newest().filter(newest -> newest.feature() >= FIRST_WITH_VIRTUAL_THREADS);
        if (jdk.isEmpty()) {
            System.out.println(
                    "SKIPPED CrowdTest: virtual threads: neither this JVM, nor JAVA_HOME*, nor /usr/lib/jvm has JDK "
                            + FIRST_WITH_VIRTUAL_THREADS + " or later");
        }
        assumeTrue(jdk.isPresent(), "no JDK with virtual threads");
        List<String> command = new ArrayList<>(List.of(jdk.get().java()));
        command.add("-Djdk.virtualThreadScheduler.parallelism=1");
        command.add("-Djdk.virtualThreadScheduler.maxPoolSize=1");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), VirtualCrowdMain.class.getName()));
        command.addAll(List.of(door, "" + callers, "" + visitsEach, "" + bound.toSeconds()));
        System.out.println("virtual threads on JDK " + jdk.get().feature() + ", door: " + door);
        return Commands.attempt(command, "");
    }
}
