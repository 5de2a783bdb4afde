package dev.holdfast.client.remote;

import org.jspecify.annotations.Nullable;

/** The peer that was asked does not lead, so it did nothing. */
public final class NotLeadingException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient @Nullable LeaderHint leader;

    /** @param leader who leads, if the peer knows */
    public NotLeadingException(@Nullable LeaderHint leader) {
        super(leader == null ? "it does not lead, and knows of nobody who does" : "the leader is " + leader.peerId());
        this.leader = leader;
    }

    /** Who leads, if the peer that was asked knows. */
    public @Nullable LeaderHint leader() {
        return leader;
    }
}
