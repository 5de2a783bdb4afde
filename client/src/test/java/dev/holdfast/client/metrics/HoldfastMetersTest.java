package dev.holdfast.client.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientMetrics;
import dev.holdfast.client.ClientMetrics.AcquireEnd;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class HoldfastMetersTest {
    private final MetricRegistry holdfast = new MetricRegistry();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Test
    void what_clients_count_shows_also_if_they_are_made_later() {
        new HoldfastMeters(holdfast, Tags.of("service", "billing")).bindTo(meters);
        ClientMetrics metrics = new ClientMetrics(holdfast);
        metrics.acquireBegan();
        metrics.acquireBegan();
        metrics.waitBegan();
        metrics.holdBegan();
        metrics.acquireEnded(AcquireEnd.GRANTED, TimeUnit.MILLISECONDS.toNanos(30));

        assertThat(meters.get("lock.attempts").functionCounter().count()).isEqualTo(2);
        assertThat(meters.get("lock.acquired")
                        .tag("service", "billing")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(meters.get("lock.refused").functionCounter().count()).isZero();
        assertThat(meters.get("lock.waiting").gauge().value()).isEqualTo(1);
        assertThat(meters.get("lock.held").gauge().value()).isEqualTo(1);
        assertThat(meters.get("lock.acquire").functionTimer().count()).isEqualTo(1);
        assertThat(meters.get("lock.acquire").functionTimer().totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(30);
    }

    /** One that is new has a meter, or the test fails. */
    @Test
    void each_metric_of_a_client_has_a_meter_but_the_size_of_batches() {
        new HoldfastMeters(holdfast).bindTo(meters);
        assertThat(meters.getMeters()).hasSize(holdfast.getMetrics().size() - 1);
        assertThat(meters.getMeters()).extracting(Meter::getId).allSatisfy(id -> {
            assertThat(id.getName()).startsWith("lock.");
            assertThat(id.getTags()).isEmpty();
            assertThat(id.getDescription()).isNotBlank();
        });
    }

    @Test
    void a_registry_with_something_else_under_a_client_s_name_is_refused() {
        var unused = holdfast.timer(ClientMetrics.ACQUIRE_TIME);
        assertThatThrownBy(() -> new HoldfastMeters(holdfast).bindTo(meters))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(ClientMetrics.ACQUIRE_TIME);
    }

    @Test
    void a_timer_sums_whatever_way_it_is_told() throws Exception {
        SummingTimer timer = (SummingTimer) SummingTimer.in(holdfast, "t");
        assertThat(SummingTimer.in(holdfast, "t")).isSameAs(timer);
        timer.update(2, TimeUnit.MICROSECONDS);
        timer.update(Duration.ofNanos(500));
        timer.update(-1, TimeUnit.SECONDS);
        assertThat(timer.totalNanos()).isEqualTo(2500);
        long took = timer.time().stop();
        assertThat(timer.totalNanos()).isEqualTo(2500 + took);
        assertThat(timer.getCount()).isEqualTo(3);

        long before = timer.totalNanos();
        timer.time(() -> LockSupport.parkNanos(1_000_000));
        assertThat(timer.timeSupplier(() -> "a")).isEqualTo("a");
        assertThat(timer.<String>time((Callable<String>) () -> "b")).isEqualTo("b");
        assertThat(timer.getCount()).isEqualTo(6);
        assertThat(timer.totalNanos()).isGreaterThan(before);
    }
}
