package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.election.Term;
import dev.holdfast.client.errors.LockException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** Writes down what a candidate hears, and whether that is in order. */
final class Recorder implements ElectionListener {
    final List<Long> elected = new CopyOnWriteArrayList<>();
    final List<RevokeReason> revoked = new CopyOnWriteArrayList<>();
    final List<LockException> failures = new CopyOnWriteArrayList<>();

    private final List<String> disorders = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Thread> inside = new AtomicReference<>();
    private final AtomicReference<@Nullable Term> leading = new AtomicReference<>();
    private final Work onElected;
    private final Work onRevoked;

    /** What a listener does. */
    interface Work {
        void on(Term term) throws Exception;
    }

    Recorder() {
        this(term -> {});
    }

    Recorder(Work onElected) {
        this(onElected, term -> {});
    }

    Recorder(Work onElected, Work onRevoked) {
        this.onElected = onElected;
        this.onRevoked = onRevoked;
    }

    @Override
    public void onElected(Term term) throws Exception {
        enter("elected");
        if (!leading.compareAndSet(null, term)) {
            disorders.add("elected twice in a row");
        }
        elected.add(term.token());
        try {
            onElected.on(term);
        } finally {
            leave();
        }
    }

    @Override
    public void onRevoked(Term term, RevokeReason reason) {
        enter("revoked");
        if (!leading.compareAndSet(term, null)) {
            disorders.add("revoked, but it was not elected for that");
        }
        if (term.isCurrent()) {
            disorders.add("revoked while its term is current");
        }
        revoked.add(reason);
        try {
            onRevoked.on(term);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            leave();
        }
    }

    @Override
    public void onStandFailed(LockException failure) {
        failures.add(failure);
    }

    private void enter(String what) {
        if (!inside.compareAndSet(null, Thread.currentThread())) {
            disorders.add(what + " while another call runs");
        }
    }

    private void leave() {
        inside.set(null);
    }

    /** Looks often, so that a test takes no longer than it must. */
    static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(60));
    }

    boolean isElected() {
        return leading.get() != null;
    }

    void assertInOrder() {
        assertThat(disorders).isEmpty();
    }
}
