package dev.holdfast.node.internal.transport;

import dev.holdfast.node.internal.membership.PeerId;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Who this member is, and by what it proves it. Its cluster may come later. Thread-safe. */
public final class Identity {
    private final PeerId id;
    private final MemberSecret secret;
    private final @Nullable MemberTls tls;
    private volatile @Nullable UUID cluster;

    /**
     * A member.
     *
     * @param cluster the id of its cluster; {@code null} if it has none yet
     * @param secret what members prove to each other that they know
     * @param tls what they talk over; {@code null} if they do not encrypt
     */
    public Identity(@Nullable UUID cluster, PeerId id, MemberSecret secret, @Nullable MemberTls tls) {
        this.cluster = cluster;
        this.id = id;
        this.secret = secret;
        this.tls = tls;
    }

    /** The id of its cluster; {@code null} if it has none yet. */
    @Nullable
    UUID cluster() {
        return cluster;
    }

    /** It has a cluster from now on. */
    public void belongsTo(UUID itsCluster) {
        cluster = itsCluster;
    }

    /** What it is in Raft. */
    String id() {
        return id.toString();
    }

    /** The member's name. */
    String name() {
        return id.name();
    }

    MemberSecret secret() {
        return secret;
    }

    @Nullable
    MemberTls tls() {
        return tls;
    }
}
