package dev.holdfast.node.internal.membership;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;

/** A voter that has not answered for long gives way to a listener, and is a listener itself if it comes back. */
final class LongGone implements AutomaticChanges.Duty {
    private final long afterNanos;

    LongGone(Duration after) {
        this.afterNanos = after.toNanos();
    }

    @Override
    public boolean needsAnswers() {
        return true;
    }

    @Override
    public Optional<AutomaticChange> due(MemberSet members, Silence silence) {
        boolean isListened = members.listeners().stream().anyMatch(listener -> silence.nanosOf(listener.id()) < 0);
        return members.voters().stream()
                .filter(voter -> isListened && silence.nanosOf(voter.id()) >= afterNanos)
                .max(Comparator.comparing(voter -> silence.nanosOf(voter.id())))
                .map(AutomaticChange::giveWay);
    }
}
