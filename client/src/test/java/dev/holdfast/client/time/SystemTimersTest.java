package dev.holdfast.client.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class SystemTimersTest {
    private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

    @Test
    void the_thread_is_there_before_it_is_needed() {
        ScheduledExecutorService timers = TimerThread.newDaemon("there-at-once");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .contains("there-at-once");
        timers.shutdown();
    }

    private record Seen(Thread thread, ClassLoader loader, String inherited) {}

    @Test
    void the_thread_takes_over_nothing_from_who_needs_it_first()
            throws InterruptedException, ExecutionException, TimeoutException {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        ClassLoader application = new ClassLoader(before) {};
        CompletableFuture<Seen> seen = new CompletableFuture<>();
        Thread.currentThread().setContextClassLoader(application);
        INHERITABLE.set("the caller's");
        try (SystemTimers timers = new SystemTimers()) {
            timers.schedule(
                    () -> seen.complete(new Seen(
                            Thread.currentThread(), Thread.currentThread().getContextClassLoader(), INHERITABLE.get())),
                    0);
            assertThat(seen.get(1, TimeUnit.MINUTES).loader()).isNotSameAs(application);
            assertThat(seen.get().inherited()).isNull();
            assertThat(seen.get().thread().isDaemon()).isTrue();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
            INHERITABLE.remove();
        }
    }
}
