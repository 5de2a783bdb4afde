package dev.holdfast.client.metrics;

import static dev.holdfast.client.support.Rig.ALICE;
import static dev.holdfast.client.support.Rig.BOB;
import static dev.holdfast.client.support.Rig.ORDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.support.Rig;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class HoldfastObservationsTest {
    private final Rig rig = new Rig(options -> options);
    private final ObservationRegistry registry = ObservationRegistry.create();
    private final List<String> started = new CopyOnWriteArrayList<>();
    private final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();

    private void listen() {
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStart(Observation.Context context) {
                started.add(context.getName());
            }

            @Override
            public void onStop(Observation.Context context) {
                stopped.add(context);
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
    }

    private HoldfastLock lock() {
        return rig.client.createLock(LockOptions.defaults().hooks(new HoldfastObservations(registry)));
    }

    private static String value(Observation.Context context, String key) {
        KeyValue value = context.getAllKeyValues().stream()
                .filter(each -> each.getKey().equals(key))
                .findFirst()
                .orElseThrow();
        return value.getValue();
    }

    @Test
    void each_operation_is_one_observation_with_its_outcome_and_only_its_kind_is_of_low_cardinality() {
        listen();
        HoldfastLock lock = lock();
        LockHandle held = lock.acquire(ALICE, ORDER).orThrow();
        held.extend(Duration.ofSeconds(5));
        assertThat(lock.acquireAsync(BOB, ORDER, AcquireOptions.defaults())
                        .toCompletableFuture()
                        .join()
                        .acquired())
                .isFalse();
        held.release();
        assertThatThrownBy(() -> lock.release(ALICE, ORDER)).isInstanceOf(LockNotHeldException.class);
        lock.forceRelease(ORDER);

        assertThat(stopped)
                .extracting(each -> each.getName() + " " + value(each, "outcome"))
                .containsExactly(
                        "holdfast.acquire succeeded",
                        "holdfast.extend succeeded",
                        "holdfast.acquire refused",
                        "holdfast.release succeeded",
                        "holdfast.release failed",
                        "holdfast.force-release refused");
        assertThat(started).hasSize(stopped.size());
        assertThat(stopped).allSatisfy(each -> {
            assertThat(each.getLowCardinalityKeyValues())
                    .extracting(KeyValue::getKey)
                    .containsExactlyInAnyOrder("lockable", "outcome");
            assertThat(value(each, "lockable")).isEqualTo(ORDER.name());
            assertThat(value(each, "holdfast.key")).isEqualTo(ORDER.key());
        });
        assertThat(value(stopped.get(0), "holdfast.token")).isEqualTo(String.valueOf(held.token()));
        assertThat(value(stopped.get(2), "holdfast.owner")).isEqualTo(BOB.toString());
        assertThat(stopped.get(4).getError()).isInstanceOf(LockNotHeldException.class);
    }

    @Test
    void an_operation_belongs_to_what_its_caller_does() {
        listen();
        Observation request = Observation.start("request", registry);
        try (Observation.Scope scope = request.openScope()) {
            assertThat(scope.isNoop()).isFalse();
            lock().acquire(ALICE, ORDER).orThrow();
        }
        assertThat(stopped)
                .singleElement()
                .satisfies(each -> assertThat(each.getParentObservation()).isSameAs(request));
    }

    @Test
    void one_that_another_hook_stops_ends_too() {
        listen();
        RuntimeException forbidden = new IllegalStateException("forbidden by a hook");
        HoldfastLock lock = rig.client.createLock(
                LockOptions.defaults().hooks(new HoldfastObservations(registry)).hooks(new LockHooks() {
                    @Override
                    public void beforeAcquire(HookContext context) {
                        throw forbidden;
                    }
                }));
        assertThatThrownBy(() -> lock.acquire(ALICE, ORDER)).isSameAs(forbidden);
        assertThat(stopped)
                .singleElement()
                .satisfies(each -> assertThat(each.getError()).isSameAs(forbidden));
    }

    @Test
    void without_a_handler_nothing_is_kept() {
        lock().acquire(ALICE, ORDER).orThrow().release();
        listen();
        lock().acquire(ALICE, ORDER).orThrow();
        assertThat(stopped).hasSize(1);
    }
}
