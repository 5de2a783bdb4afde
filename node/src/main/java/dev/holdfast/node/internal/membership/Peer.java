package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;

/**
 * A peer, and where it is.
 *
 * @param raft where other members dial it
 * @param client where clients do
 */
public record Peer(PeerId id, HostPort raft, HostPort client) {
    /** That peer at the addresses of that member. */
    public static Peer of(PeerId id, Member member) {
        return new Peer(id, member.raftAddress(), member.clientAddress());
    }

    /** The member that it is. */
    public Member member() {
        return new Member(id.name(), raft.host(), raft.port(), client.port());
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Peer parse(String text) {
        int end = text.indexOf('=');
        if (end < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is no peer with addresses");
        }
        PeerId id = PeerId.parse(text.substring(0, end));
        return of(id, Member.parse(id.name() + text.substring(end)));
    }

    /** {@code name@incarnation=host:raftPort:clientPort}. */
    @Override
    public String toString() {
        String member = member().toString();
        return id + member.substring(id.name().length());
    }
}
