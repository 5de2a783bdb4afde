package dev.holdfast.client.metrics;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.HookResult.Status;
import dev.holdfast.client.hooks.LockHooks;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Shows each operation of a lock or semaphore as an observation of Micrometer's, from which a tracer makes a span: how long a request spent
 * on acquiring its lock, waits included, is seen beside all else that it did. {@code io.micrometer:micrometer-observation} is the
 * application's to bring.
 *
 * <pre>{@code
 * HoldfastLock lock = client.createLock(LockOptions.defaults().hooks(new HoldfastObservations(observationRegistry)));
 * }</pre>
 *
 * <p>Observations are called {@code holdfast.acquire}, {@code holdfast.release}, {@code holdfast.extend} and {@code holdfast.force-release}, and
 * belong to the observation that is current on the caller's thread. Each says in {@code outcome} whether it {@code succeeded}, was
 * {@code refused} or {@code failed}, and in {@code lockable} what kind of thing it was: the lockable's name. The key, the owner and the token are
 * values of high cardinality, {@code holdfast.key}, {@code holdfast.owner} and {@code holdfast.token}: spans have them, and meters do not.
 *
 * <p>While nobody handles observations, it does next to nothing. It may belong to several locks and semaphores, and be used by any thread.
 */
public final class HoldfastObservations implements LockHooks {
    private final ObservationRegistry registry;

    /** Of operations that have not ended: contexts may be equal, and each is the one of one operation. */
    private final Map<HookContext, Observation> begun = Collections.synchronizedMap(new IdentityHashMap<>());

    /** @param registry where handlers of observations are registered, such as the one of the application's tracer */
    public HoldfastObservations(ObservationRegistry registry) {
        this.registry = registry;
    }

    private void begin(HookContext context) {
        if (registry.isNoop()) {
            return;
        }
        String operation = context.operation().name().toLowerCase(Locale.ROOT).replace('_', '-');
        String key = context.lockable().key();
        Observation observation = Observation.createNotStarted("holdfast." + operation, registry)
                .contextualName(operation + " " + context.lockable().name())
                .lowCardinalityKeyValue("lockable", context.lockable().name())
                .highCardinalityKeyValue("holdfast.key", key);
        LockOwner owner = context.owner();
        if (owner != null) {
            observation.highCardinalityKeyValue("holdfast.owner", owner.toString());
        }
        begun.put(context, observation.start());
    }

    private void end(HookContext context, HookResult result) {
        Observation observation = begun.remove(context);
        if (observation == null) {
            return;
        }
        observation.lowCardinalityKeyValue("outcome", result.status().name().toLowerCase(Locale.ROOT));
        if (result.token() != 0) {
            observation.highCardinalityKeyValue("holdfast.token", String.valueOf(result.token()));
        }
        Throwable failure = result.failure();
        if (result.status() == Status.FAILED && failure != null) {
            observation.error(failure);
        }
        observation.stop();
    }

    @Override
    public void beforeAcquire(HookContext context) {
        begin(context);
    }

    @Override
    public void afterAcquire(HookContext context, HookResult result) {
        end(context, result);
    }

    @Override
    public void beforeRelease(HookContext context) {
        begin(context);
    }

    @Override
    public void afterRelease(HookContext context, HookResult result) {
        end(context, result);
    }

    @Override
    public void beforeExtend(HookContext context) {
        begin(context);
    }

    @Override
    public void afterExtend(HookContext context, HookResult result) {
        end(context, result);
    }

    @Override
    public void beforeForceRelease(HookContext context) {
        begin(context);
    }

    @Override
    public void afterForceRelease(HookContext context, HookResult result) {
        end(context, result);
    }
}
