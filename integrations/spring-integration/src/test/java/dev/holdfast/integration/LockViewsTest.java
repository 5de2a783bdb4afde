package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Lockable;
import dev.holdfast.testkit.TestCluster;
import java.lang.ref.Reference;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LockViewsTest {
    @Test
    @Tag("long")
    void views_that_nobody_refers_to_take_no_room_and_the_holds_of_those_go_on() {
        try (TestCluster cluster = TestCluster.start()) {
            LockViews views = new LockViews(cluster.client().createLock(), AcquireOptions.defaults());
            LockView kept = views.of(lockable("kept"));
            views.of(lockable("held")).lock();
            for (int i = 0; i < 1000; i++) {
                views.of(lockable("dropped" + i));
            }

            await().atMost(Duration.ofMinutes(1)).until(() -> {
                System.gc();
                views.of(lockable("kept"));
                return views.size() == 1;
            });

            assertThat(views.of(lockable("kept"))).isSameAs(kept);
            LockView held = views.of(lockable("held"));
            assertThat(held.isHeldByCurrentThread()).isTrue();
            held.unlock();
            Reference.reachabilityFence(kept);
        }
    }

    private static Lockable lockable(String key) {
        return new Lockable("test", key);
    }
}
