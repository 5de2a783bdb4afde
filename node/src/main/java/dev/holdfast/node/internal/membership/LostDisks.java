package dev.holdfast.node.internal.membership;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A member whose folder is lost is replaced by the newcomer that has its name, once it has not answered for a while. Two newcomers of one
 * name are left alone.
 */
final class LostDisks implements AutomaticChanges.Duty {
    /** It may have been asked in the moment of a restart. */
    private static final Duration SILENT = Duration.ofSeconds(5);

    private final MemberControl control;

    LostDisks(MemberControl control) {
        this.control = control;
    }

    @Override
    public boolean needsAnswers() {
        return true;
    }

    @Override
    public Optional<AutomaticChange> due(MemberSet members, Silence silence) {
        List<PeerId> newcomers = control.newcomers().stream()
                .map(newcomer -> newcomer.peer().id())
                .filter(id -> !members.has(id))
                .toList();
        for (PeerId newcomer : newcomers) {
            Peer member = members.named(newcomer.name());
            if (member != null
                    && Newcomer.isOnlyOne(newcomer, newcomers)
                    && silence.nanosOf(member.id()) >= SILENT.toNanos()) {
                return Optional.of(AutomaticChange.replaceLostDisk(member.id(), newcomer));
            }
        }
        return Optional.empty();
    }
}
