package dev.holdfast.node.internal.transport;

import java.util.Set;
import java.util.UUID;

/**
 * Who this member is, and whom it talks to.
 *
 * @param cluster the id of its cluster
 * @param id its own
 * @param members the ids of all members
 * @param secret what they prove to each other that they know
 */
public record Identity(UUID cluster, String id, Set<String> members, MemberSecret secret) {
    public Identity {
        members = Set.copyOf(members);
    }
}
