package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.ClusterTransport;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Looks through all that is locked at most once a second for each caller, however often that one asks, and for few callers at a time: each
 * look takes the leaders' time. Thread-safe.
 */
final class Scans {
    private static final long HOLDS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int AT_A_TIME = 4;

    private record Scan(CompletionStage<Waits> waits, long begunNanos) {
        boolean isUnderWay() {
            return !waits.toCompletableFuture().isDone();
        }

        boolean isUsable() {
            return isUnderWay() || System.nanoTime() - begunNanos < HOLDS_NANOS;
        }
    }

    /** By the way that each caller has to the leaders: what one sees is not for others. */
    private final Map<ClusterTransport, Scan> latest = new WeakHashMap<>();

    /** @param scan begins one */
    synchronized CompletionStage<Waits> of(ClusterTransport caller, Supplier<CompletionStage<Waits>> scan) {
        Scan known = latest.get(caller);
        if (known == null || !known.isUsable()) {
            if (latest.values().stream().filter(Scan::isUnderWay).count() >= AT_A_TIME) {
                throw new Problem(
                        HttpStatus.SERVICE_UNAVAILABLE_503,
                        "this peer looks through all waits for others at this moment; try again in a second");
            }
            known = new Scan(scan.get(), System.nanoTime());
            latest.put(caller, known);
        }
        return known.waits;
    }
}
