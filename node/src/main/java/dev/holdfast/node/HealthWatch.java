package dev.holdfast.node;

import dev.holdfast.client.time.Timers;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks about once a second how a running peer is, so that any number of questions cost nothing. */
final class HealthWatch implements AutoCloseable {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** While something is wrong. */
    private static final long SOONER_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What the peer says of one of its groups. */
    interface Group {
        /** What keeps callers from being served, or {@code null}. Called again and again, by one thread; does not block. */
        @Nullable
        String problem();
    }

    private final Supplier<String> waitsFor;
    private final List<? extends Group> groups;
    private final Supplier<List<NodeTls.Expiry>> certificates;
    private final Timers timers;
    private final InstantSource clock;
    private volatile List<String> problems = List.of("it has just been started");
    private volatile boolean closed;
    private volatile Timers.@Nullable Scheduled next;

    /**
     * One that has not looked yet.
     *
     * @param waitsFor for what the peer waits before it can take part in anything; empty for nothing
     * @param certificates those that are in force now
     * @param clock the time of the day, by which certificates expire
     */
    HealthWatch(
            Supplier<String> waitsFor,
            List<? extends Group> groups,
            Supplier<List<NodeTls.Expiry>> certificates,
            Timers timers,
            InstantSource clock) {
        this.waitsFor = waitsFor;
        this.groups = List.copyOf(groups);
        this.certificates = certificates;
        this.timers = timers;
        this.clock = clock;
    }

    void start() {
        next = timers.schedule(this::look, 0);
    }

    /** What was wrong when it looked last. */
    List<String> problems() {
        return problems;
    }

    private void look() {
        if (closed) {
            return;
        }
        List<String> found = new ArrayList<>();
        String waiting = waitsFor.get();
        if (waiting.isEmpty()) {
            for (Group group : groups) {
                String problem = group.problem();
                if (problem != null) {
                    found.add(problem);
                }
            }
        } else {
            found.add(waiting);
        }
        for (NodeTls.Expiry each : certificates.get()) {
            if (each.of().left(clock.instant()).isNegative()) {
                found.add(ExpiryWatch.describe(each.of(), clock.instant()));
            }
        }
        problems = List.copyOf(found);
        next = timers.schedule(this::look, found.isEmpty() ? EVERY_NANOS : SOONER_NANOS);
    }

    @Override
    public void close() {
        closed = true;
        Timers.Scheduled waiting = next;
        if (waiting != null) {
            waiting.cancel();
        }
    }
}
