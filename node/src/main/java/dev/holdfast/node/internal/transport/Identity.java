package dev.holdfast.node.internal.transport;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who this member is, and whom it talks to.
 *
 * @param cluster the id of its cluster
 * @param id its own
 * @param members the ids of all members
 * @param secret what they prove to each other that they know
 * @param tls what they talk over; {@code null} if they do not encrypt
 */
public record Identity(
        UUID cluster,
        String id,
        Set<String> members,
        MemberSecret secret,
        @Nullable MemberTls tls) {
    /** One that does not encrypt. */
    public Identity(UUID cluster, String id, Set<String> members, MemberSecret secret) {
        this(cluster, id, members, secret, null);
    }

    public Identity {
        members = Set.copyOf(members);
    }
}
