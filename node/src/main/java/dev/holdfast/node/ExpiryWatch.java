package dev.holdfast.node;

import dev.holdfast.client.time.Timers;
import dev.holdfast.client.tls.CertificateExpiry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says which certificates end soon, each once a day, from thirty days before on. It looks at the start and once an hour; so files that
 * were replaced are noticed even where nobody connects.
 */
final class ExpiryWatch implements AutoCloseable {
    static final Duration AHEAD = Duration.ofDays(30);
    private static final Duration EVERY = Duration.ofHours(1);
    private static final Duration AGAIN = Duration.ofDays(1);

    private final Consumer<String> log;
    private final Supplier<List<NodeTls.Expiry>> certificates;
    private final Timers timers;
    private final InstantSource clock;

    /** When each was logged last. Of the timers' thread. */
    private final Map<CertificateExpiry, Instant> logged = new HashMap<>();

    private volatile boolean closed;
    private volatile Timers.@Nullable Scheduled next;

    /**
     * One that has not looked yet.
     *
     * @param certificates those that are in force now
     * @param clock the time of the day, by which certificates expire
     * @param log told in words what expires soon
     */
    ExpiryWatch(Supplier<List<NodeTls.Expiry>> certificates, Timers timers, InstantSource clock, Consumer<String> log) {
        this.log = log;
        this.certificates = certificates;
        this.timers = timers;
        this.clock = clock;
    }

    void start() {
        next = timers.schedule(this::look, 0);
    }

    private void look() {
        if (closed) {
            return;
        }
        Instant now = clock.instant();
        Set<CertificateExpiry> soon = new HashSet<>();
        for (NodeTls.Expiry each : certificates.get()) {
            if (each.of().left(now).compareTo(AHEAD) < 0) {
                soon.add(each.of());
            }
        }
        logged.keySet().retainAll(soon);
        for (CertificateExpiry each : soon) {
            Instant last = logged.get(each);
            if (last == null || !now.isBefore(last.plus(AGAIN))) {
                logged.put(each, now);
                log.accept(describe(each, now));
            }
        }
        next = timers.schedule(this::look, EVERY.toNanos());
    }

    /** In words. */
    static String describe(CertificateExpiry certificate, Instant now) {
        Duration left = certificate.left(now);
        String what = (certificate.own() ? "the certificate of " : "the root ") + certificate.subject() + " in "
                + certificate.file();
        if (left.isNegative()) {
            return what + " expired at " + certificate.until()
                    + ", and new connections fail: put a new one into its place; no restart is needed";
        }
        return what + " expires in " + left.toDays() + " days, at " + certificate.until()
                + ": put a new one into its place; no restart is needed";
    }

    /** In how many whole days the first of these expires; negative once one has. */
    static long daysLeft(List<NodeTls.Expiry> certificates, Instant now) {
        return certificates.stream()
                .mapToLong(each -> Math.floorDiv(
                        each.of().left(now).toSeconds(), Duration.ofDays(1).toSeconds()))
                .min()
                .orElse(Long.MAX_VALUE);
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
