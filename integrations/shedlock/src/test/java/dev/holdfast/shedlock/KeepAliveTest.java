package dev.holdfast.shedlock;

import static dev.holdfast.shedlock.Jobs.isFree;
import static dev.holdfast.shedlock.Jobs.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.node.LocalCluster;
import dev.holdfast.testkit.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.KeepAliveLockProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ShedLock's own keep-alive around this provider. */
class KeepAliveTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Wire wire = new Wire();
    private final ScheduledThreadPoolExecutor often = new ScheduledThreadPoolExecutor(1) {
        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long delay, long period, TimeUnit unit) {
            return super.scheduleAtFixedRate(task, 20, 20, TimeUnit.MILLISECONDS);
        }
    };

    @AfterEach
    void close() {
        often.shutdownNow();
        await().atMost(MINUTE).until(often::isTerminated);
    }

    private void awaitCalls(int more) {
        int before = wire.calls().size();
        await().atMost(Duration.ofMinutes(2)).until(() -> wire.calls().size() >= before + more);
    }

    @Test
    void it_keeps_a_lock_alive_through_a_time_in_which_nobody_answers() {
        ManualTimers timers = new ManualTimers();
        try (TestCluster cluster = TestCluster.start(timers)) {
            LockProvider keptAlive = new KeepAliveLockProvider(
                    new HoldfastLockProvider(wire.around(cluster.client().createLock()), Jobs.KEYS, timers::nanoTime),
                    often);
            LockProvider elsewhere = Jobs.provider(cluster.newClient(), timers);
            SimpleLock lock =
                    keptAlive.lock(job("report", MINUTE, Duration.ZERO)).orElseThrow();
            for (int round = 0; round < 3; round++) {
                wire.fail(false, () -> new LockUnavailableException("Nobody answers.", null));
                wire.fail(true, () -> new LockOutcomeUnknownException("The answer was lost.", null));
                wire.fail(false, () -> new LockUnavailableException("Nobody answers.", null));
                awaitCalls(5);
                cluster.advance(Duration.ofSeconds(50));
                assertThat(isFree(elsewhere, "report")).isFalse();
            }
            lock.unlock();
            assertThat(isFree(elsewhere, "report")).isTrue();
        }
    }

    @Test
    @Tag("long")
    void it_keeps_a_lock_alive_when_the_leading_peer_goes(@TempDir Path folder) throws Exception {
        try (LocalCluster peers = LocalCluster.start(folder, 3);
                HoldfastClient client = Holdfast.connect(
                        peers.servers(), ClientOptions.defaults().requestTimeout(Duration.ofSeconds(2)))) {
            assertThat(client.awaitConnected(MINUTE)).isTrue();
            LockProvider keptAlive = new KeepAliveLockProvider(
                    new HoldfastLockProvider(wire.around(client.createLock()), Jobs.KEYS), often);
            SimpleLock lock =
                    keptAlive.lock(job("report", MINUTE, Duration.ZERO)).orElseThrow();
            LockHandle handle = JobHold.handle();
            awaitCalls(2);

            peers.leader().close();

            awaitCalls(50);
            assertThat(handle.isHeld()).isTrue();
            await().atMost(MINUTE).until(() -> handle.leaseLeft().orElseThrow().compareTo(Duration.ofSeconds(55)) > 0);
            lock.unlock();
        }
    }
}
