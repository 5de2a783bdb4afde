package dev.holdfast.node.internal.membership;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whom the groups of a cluster have under a name, as a peer knows them.
 *
 * @param id the peer; empty if none, or if that is not known
 * @param configurationIndex of the first group's configuration; -1 if it is not known whom they have
 */
public record NamedMember(String id, long configurationIndex) {
    /** It is not known. */
    private static final NamedMember UNKNOWN = new NamedMember("", -1);

    /**
     * That nobody has the name may be said only by a peer that knows the settled configuration of every group. The groups change one after
     * the other, and one that still has a member may need its vote to let it go. A member that is new may be of the first group only.
     *
     * @param groups the newest configurations; the first group's first
     * @param configurationIndex of the first of them
     */
    public static NamedMember of(String name, List<MemberSet> groups, long configurationIndex) {
        if (!groups.get(0).settled()) {
            return UNKNOWN;
        }
        @Nullable
        Peer named = groups.stream()
                .map(group -> group.named(name))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (named != null) {
            return new NamedMember(named.id().toString(), configurationIndex);
        }
        boolean isAllKnown = groups.stream()
                .allMatch(group -> group.settled() && !group.voters().isEmpty());
        return isAllKnown ? new NamedMember("", configurationIndex) : UNKNOWN;
    }
}
