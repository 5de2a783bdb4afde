package dev.holdfast.node;

import dev.holdfast.client.time.Timers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks about once a second how a running peer is, so that any number of questions cost nothing. */
final class HealthWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long CERTIFICATES_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

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
    private volatile long lookedNanos;

    /** Those of the timers' thread. */
    private boolean hasLookedAtCertificates;

    private long certificatesAtNanos;
    private List<String> expired = List.of();
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
        this.lookedNanos = timers.nanoTime();
    }

    void start() {
        next = timers.schedule(this::look, 0);
    }

    /** What was wrong when it looked last. If that is too long ago, that is what is wrong. */
    List<String> problems() {
        long agoNanos = timers.nanoTime() - lookedNanos;
        return agoNanos > OVERDUE_NANOS
                ? List.of("its own tasks have not run for " + TimeUnit.NANOSECONDS.toSeconds(agoNanos)
                        + " s: the machine is too busy, or the process hangs")
                : problems;
    }

    private void look() {
        if (closed) {
            return;
        }
        List<String> found = new ArrayList<>();
        String waiting = waitsFor.get();
        if (waiting.isEmpty()) {
            groups.forEach(group -> look(group, found));
        } else {
            found.add(waiting);
        }
        found.addAll(expired());
        problems = List.copyOf(found);
        lookedNanos = timers.nanoTime();
        next = timers.schedule(this::look, found.isEmpty() ? EVERY_NANOS : SOONER_NANOS);
    }

    /** Nothing that it asks may end the thread that other tasks need. */
    private static void look(Group group, List<String> found) {
        try {
            String problem = group.problem();
            if (problem != null) {
                found.add(problem);
            }
        } catch (RuntimeException e) {
            LOG.debug("a group does not say how it is", e);
            found.add("it cannot say how it is: " + e);
        }
    }

    /**
     * Its own certificates only: a root may be there for those that have not been replaced yet. Found out once a minute, as it takes a
     * look at files.
     */
    private List<String> expired() {
        long now = timers.nanoTime();
        if (!hasLookedAtCertificates || now - certificatesAtNanos >= CERTIFICATES_EVERY_NANOS) {
            hasLookedAtCertificates = true;
            certificatesAtNanos = now;
            Instant today = clock.instant();
            expired = certificates.get().stream()
                    .map(NodeTls.Expiry::of)
                    .filter(each -> each.own() && each.left(today).isNegative())
                    .map(each -> "its certificate expired at " + each.until()
                            + ", and new connections fail: put a new one into its place; no restart is needed")
                    .distinct()
                    .toList();
        }
        return expired;
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
