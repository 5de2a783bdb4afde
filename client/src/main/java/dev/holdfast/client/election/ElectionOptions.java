package dev.holdfast.client.election;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a candidate behaves. Immutable; each method returns a copy. */
@CheckReturnValue
public final class ElectionOptions {
    /** The highest priority; the lowest, and the default, is 0. */
    public static final int PRIORITY_MAX = 1000;

    /** The longest name, in bytes of UTF-8. */
    public static final int NAME_BYTES_MAX = LockOwner.NAME_BYTES_MAX - 37;

    /** The longest pause before an attempt to stand is repeated. */
    public static final Duration RETRY_PAUSE_MAX = Duration.ofSeconds(10);

    /** The shortest and the longest {@link #observeEvery}. */
    public static final Duration OBSERVE_MIN = Duration.ofMillis(100);

    public static final Duration OBSERVE_MAX = Duration.ofHours(1);

    /** The longest {@link #handoverTimeout}. */
    public static final Duration HANDOVER_MAX = Duration.ofHours(1);

    private static final ElectionOptions DEFAULTS = new ElectionOptions(new Draft());

    private final int priority;
    private final @Nullable String name;
    private final boolean yieldToHigher;
    private final boolean standAgain;
    private final double stepDownAfter;
    private final Duration handoverTimeout;
    private final Duration observeEvery;

    private ElectionOptions(Draft draft) {
        priority = draft.priority;
        name = draft.name;
        yieldToHigher = draft.yieldToHigher;
        standAgain = draft.standAgain;
        stepDownAfter = draft.stepDownAfter;
        handoverTimeout = draft.handoverTimeout;
        observeEvery = draft.observeEvery;
    }

    public static ElectionOptions defaults() {
        return DEFAULTS;
    }

    /** Which candidates are preferred: those of higher priority. 0 by default. */
    public int priority() {
        return priority;
    }

    /**
     * A candidate who is elected while others of a higher priority wait passes the lead on before anybody is told that it leads, and
     * goes to the end of the queue. So of those who wait when a leader goes, one of the highest priority leads, and among equals the
     * one who came first.
     *
     * <p>That is a preference, and nothing may depend on it: the candidates see to it themselves, by looking at the queue. A
     * candidate leads in spite of it if it does not learn of the others: because it gets no answer in time, because they came
     * a moment later, or because more than 100 wait before them. And one who is preferred may turn out to be dead, so that nobody leads until its lease ends, as
     * in any queue. A leader stays, whoever comes, unless it {@linkplain #yieldToHigher yields}.
     *
     * @throws LockRequestRejectedException unless it is 0 to {@link #PRIORITY_MAX}
     */
    public ElectionOptions priority(int priority) {
        if (priority < 0 || priority > PRIORITY_MAX) {
            throw invalid("a candidate's priority must be 0 to " + PRIORITY_MAX + ", but is " + priority);
        }
        Draft draft = draft();
        draft.priority = priority;
        return new ElectionOptions(draft);
    }

    /** What the candidate calls itself; if it is empty, what the client calls itself. */
    public Optional<String> name() {
        return Optional.ofNullable(name);
    }

    /**
     * What others see of the candidate, as {@link Leader#name}; its host and its client's name they see anyway. Need not be unique.
     *
     * @throws LockRequestRejectedException if it is empty, longer than {@link #NAME_BYTES_MAX}, or has control characters
     */
    public ElectionOptions name(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX) {
            throw new LockRequestRejectedException(
                    Reason.TOO_LONG, "a candidate's name has more than " + NAME_BYTES_MAX + " bytes in UTF-8");
        }
        Draft draft = draft();
        draft.name = new LockOwner("candidate", name, null).id();
        return new ElectionOptions(draft);
    }

    /** Whether it gives the lead away to a candidate of a higher priority; it does not by default. */
    public boolean yieldsToHigher() {
        return yieldToHigher;
    }

    /**
     * Has a leader give the lead away, as by {@link Election#resign}, when a candidate of a higher priority begins to wait, and stand
     * again. That candidate asks for it, once it is in the queue. Counts for this candidate's own terms.
     */
    public ElectionOptions yieldToHigher(boolean yields) {
        Draft draft = draft();
        draft.yieldToHigher = yields;
        return new ElectionOptions(draft);
    }

    /** Whether it stands again by itself after a term that it did not end itself; it does by default. */
    public boolean standsAgain() {
        return standAgain;
    }

    /** With false, the candidacy ends with the term, however that ends, until {@link Election#stand} is called again. */
    public ElectionOptions standAgain(boolean again) {
        Draft draft = draft();
        draft.standAgain = again;
        return new ElectionOptions(draft);
    }

    /** After which part of the session's lease without a sign of the cluster a leader steps down; 0.75 by default. */
    public double stepDownAfter() {
        return stepDownAfter;
    }

    /**
     * A leader who does not hear of the cluster steps down when that part of its session's lease is over, so that the rest is left to
     * stop in: a quarter by default, 2 s of 8 s. With 0.5 it steps down as soon as the hold is
     * {@link dev.holdfast.client.HoldState#SUSPECT}; it then leads for less time in vain, but more often gives the lead away because
     * of a short failure, such as the failover of the cluster itself. With 1 it goes on until the lease is over: then the listener
     * is told when somebody else may lead.
     *
     * @param part 0.5 to 1
     * @throws LockRequestRejectedException if it is out of range
     */
    public ElectionOptions stepDownAfter(double part) {
        if (!(part >= 0.5 && part <= 1)) {
            throw invalid("the part of a lease after which a leader steps down must be 0.5 to 1, but is " + part);
        }
        Draft draft = draft();
        draft.stepDownAfter = part;
        return new ElectionOptions(draft);
    }

    /** For how long the lead is kept while the listener stops; 10 s by default. */
    public Duration handoverTimeout() {
        return handoverTimeout;
    }

    /**
     * When a leader resigns, yields or steps down, the lock is released when the listener's methods have returned, or when that time
     * is over, even though they have not.
     *
     * @param timeout zero to {@link #HANDOVER_MAX}; zero for not to wait for the listener
     * @throws LockRequestRejectedException if it is out of range
     */
    public ElectionOptions handoverTimeout(Duration timeout) {
        if (timeout.isNegative() || timeout.compareTo(HANDOVER_MAX) > 0) {
            throw invalid("a handover timeout must be 0 to " + HANDOVER_MAX + ", but is " + timeout);
        }
        Draft draft = draft();
        draft.handoverTimeout = timeout;
        return new ElectionOptions(draft);
    }

    /** How often the cluster is asked who leads, while somebody {@linkplain Election#observe observes}; every 2 s by default. */
    public Duration observeEvery() {
        return observeEvery;
    }

    /**
     * Each time is one read, answered by the cluster's leader.
     *
     * @param interval {@link #OBSERVE_MIN} to {@link #OBSERVE_MAX}
     * @throws LockRequestRejectedException if it is out of range
     */
    public ElectionOptions observeEvery(Duration interval) {
        if (interval.compareTo(OBSERVE_MIN) < 0 || interval.compareTo(OBSERVE_MAX) > 0) {
            throw invalid("the interval of observation must be " + OBSERVE_MIN + " to " + OBSERVE_MAX + ", but is "
                    + interval);
        }
        Draft draft = draft();
        draft.observeEvery = interval;
        return new ElectionOptions(draft);
    }

    private static LockRequestRejectedException invalid(String detail) {
        return new LockRequestRejectedException(Reason.INVALID, detail);
    }

    private Draft draft() {
        Draft draft = new Draft();
        draft.priority = priority;
        draft.name = name;
        draft.yieldToHigher = yieldToHigher;
        draft.standAgain = standAgain;
        draft.stepDownAfter = stepDownAfter;
        draft.handoverTimeout = handoverTimeout;
        draft.observeEvery = observeEvery;
        return draft;
    }

    private static final class Draft {
        int priority;
        boolean yieldToHigher;
        boolean standAgain = true;
        double stepDownAfter = 0.75;
        Duration handoverTimeout = Duration.ofSeconds(10);
        Duration observeEvery = Duration.ofSeconds(2);

        @Nullable
        String name;
    }
}
