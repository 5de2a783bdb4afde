package dev.holdfast.node;

import dev.holdfast.client.time.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whether a peer keeps up in one of its groups: it leads, or has applied what the leader had applied a short time ago, and applies what
 * is committed. Looks are one thread's; leaders may answer on others.
 */
final class GroupHealth implements HealthWatch.Group {
    /** For so long nothing may be heard of the leader, and nothing applied, before that is a problem. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long UNKNOWN = -1;

    /** This peer's part in the group. None of this blocks. */
    interface View {
        /** Whether this peer leads and serves. */
        boolean isLed();

        /** The id of the leader, as far as this peer knows. */
        @Nullable
        String leader();

        /** Up to where this peer has applied the log; -1 for nothing. */
        long applied();

        /** Up to where it knows the log to be committed; -1 for nothing. */
        long committed();

        /** The last entry in this peer's log; -1 for none. */
        long last();

        /** Up to where that member has applied the log; fails if it does not say. */
        CompletableFuture<Long> appliedBy(String member);
    }

    private final View view;
    private final String self;
    private final String ofGroup;
    private final Timers timers;
    private long lastApplied = UNKNOWN;
    private long appliedAtNanos;
    private long lastCommitted = UNKNOWN;
    private long committedAtNanos;
    private boolean hasCaughtUp;
    private long caughtUpAtNanos;
    private CompletableFuture<?> question = CompletableFuture.completedFuture(null);

    /** What the leader had applied when it was asked, until this peer has, too. */
    private volatile long target = UNKNOWN;

    private volatile long lag = UNKNOWN;

    /** @param ofGroup what names the group behind other words; empty if there is one only */
    GroupHealth(View view, String self, String ofGroup, Timers timers) {
        this.view = view;
        this.self = self;
        this.ofGroup = ofGroup;
        this.timers = timers;
        this.appliedAtNanos = timers.nanoTime();
        this.committedAtNanos = appliedAtNanos;
    }

    /** How many entries this peer was behind the leader when that was asked last; 0 for the leader itself, -1 if it is not known. */
    long lag() {
        return lag;
    }

    @Override
    public @Nullable String problem() {
        long now = timers.nanoTime();
        long applied = view.applied();
        long committed = view.committed();
        long last = view.last();
        if (applied != lastApplied || committed <= applied) {
            lastApplied = applied;
            appliedAtNanos = now;
        }
        if (committed != lastCommitted || last <= committed) {
            lastCommitted = committed;
            committedAtNanos = now;
        }
        String leader = view.leader();
        if (leader == null) {
            lag = UNKNOWN;
            return "it knows no leader" + ofGroup
                    + ": fewer than a majority of the members can be reached, or an election is under way";
        }
        if (now - appliedAtNanos > PATIENCE_NANOS) {
            return "it applies nothing" + ofGroup + " any more: it is at entry " + applied + " since "
                    + TimeUnit.NANOSECONDS.toSeconds(now - appliedAtNanos) + " s, and those up to " + committed
                    + " are committed";
        }
        if (view.isLed()) {
            lag = 0;
            if (now - committedAtNanos > PATIENCE_NANOS) {
                return "it leads and gets nothing committed" + ofGroup + " any more: entries " + (committed + 1)
                        + " to "
                        + last + " have waited for " + TimeUnit.NANOSECONDS.toSeconds(now - committedAtNanos)
                        + " s until a majority has them on disk";
            }
            caughtUp(now);
            return null;
        }
        if (leader.equals(self)) {
            return "it was elected leader" + ofGroup + ", and does not serve yet";
        }
        return behind(leader, applied, now);
    }

    private @Nullable String behind(String leader, long applied, long now) {
        long wanted = target;
        if (wanted != UNKNOWN && applied >= wanted) {
            wanted = UNKNOWN;
            target = UNKNOWN;
            caughtUp(now);
        }
        if (question.isDone()) {
            question = view.appliedBy(leader).whenComplete((index, failure) -> {
                boolean isKnown = failure == null && index >= 0;
                lag = isKnown ? Math.max(0, index - view.applied()) : UNKNOWN;
                if (isKnown && target == UNKNOWN) {
                    target = index;
                }
            });
        }
        if (hasCaughtUp && now - caughtUpAtNanos <= PATIENCE_NANOS) {
            return null;
        }
        return wanted == UNKNOWN
                ? "it does not hear from the leader" + ofGroup + ", " + leader
                : "it is behind the leader" + ofGroup + ", " + leader + ", by " + (wanted - applied) + " entries";
    }

    private void caughtUp(long now) {
        hasCaughtUp = true;
        caughtUpAtNanos = now;
    }
}
