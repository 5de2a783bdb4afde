package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.LeaderHint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A peer, as far as it takes one to change the members. Any thread may call any method; most return at once. */
public interface MemberControl {
    /** This peer. */
    Peer self();

    /** Its part in each group, in the order of their numbers; at least one. The members of the first are those of the cluster. */
    List<? extends Group> groups();

    /** Who has presented itself here lately. May name some that are members by now. */
    List<Newcomer> newcomers();

    /**
     * Who has presented itself to other members lately: a newcomer may know of some only. This blocks, for a few seconds at most.
     */
    List<Newcomer> newcomersAtOthers() throws InterruptedException;

    /**
     * The members of the first group, from the peer that leads it; empty if none says so, or if they are being changed. This blocks,
     * for a few seconds at most.
     */
    Optional<MemberSet> membersAtLeader() throws InterruptedException;

    /** The release of that peer; empty if it is not known. */
    String releaseOf(PeerId peer);

    /** This peer's part in one group. */
    interface Group {
        /** Whether this peer leads it. */
        boolean leads();

        /** Whether this peer leads it, or hears from whoever does. */
        boolean hearsOfLeader();

        /** Who does, as far as this peer knows, or who was to. */
        @Nullable
        LeaderHint leader();

        /** The newest configuration in this peer's log. */
        MemberSet configuration();

        /** The index up to which this peer applied its log; -1 if it never did. */
        long appliedIndex();

        /** Asks that peer, and no other incarnation of it, for the same. Fails if it does not answer within about a second. */
        CompletableFuture<Long> appliedIndexOf(Peer peer);

        /**
         * Changes the configuration, if this peer leads and it is still as expected. Completes when the new one is committed; fails with
         * {@link ChangeRefusedException} if nothing was done, or it is not known what was. It may take as long as newcomers take to catch
         * up.
         */
        CompletableFuture<Void> change(MemberSet expected, MemberSet wanted);

        /** Has that voter stand for election at once; tells whether it leads before the time is up. */
        CompletableFuture<Boolean> transferLeadership(Peer to, Duration timeout);
    }
}
