package dev.holdfast.client.remote;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A join token that the cluster knows, without the token itself, which only whoever had it made knows.
 *
 * @param id by which it can be {@linkplain RemoteMembership#withdrawJoinToken withdrawn}; the token cannot be found out from it
 * @param name of the only member that it is good for; empty for any
 * @param madeBy the principal that asked for it; empty if nobody had to prove who it was, or it is not known
 * @param madeFrom the address that it was asked for from; empty if from within a peer's own process, or it is not known
 * @param madeAtOrNull when it was made, by the wall clock of the leader then; {@code null} if that is not known
 * @param validFor how long it is good still, in the cluster's own time, which stands still while it has no leader
 * @param userName of the newcomer that has said it; empty if none has
 * @param userIncarnation of that newcomer; empty if none has
 */
public record JoinTokenInfo(
        String id,
        String name,
        State state,
        String madeBy,
        String madeFrom,
        @Nullable Instant madeAtOrNull,
        Duration validFor,
        String userName,
        String userIncarnation) {

    /** What has become of it. One that has expired is not known any more. */
    public enum State {
        /** Nobody has used it: whoever says it first is let in. */
        UNUSED,
        /** A newcomer has said it, and is not known to be a member yet. It lets in that one only. */
        IN_USE,
        /** It has let its newcomer in, and lets nobody in any more. */
        SPENT,
        /** It was withdrawn, and lets nobody in any more. */
        WITHDRAWN,
        /** A state that this release does not know. */
        UNKNOWN
    }

    /** When it was made, if that is known. */
    public Optional<Instant> madeAt() {
        return Optional.ofNullable(madeAtOrNull);
    }

    /** Whether it may still let somebody in. */
    public boolean isOutstanding() {
        return state == State.UNUSED || state == State.IN_USE || state == State.UNKNOWN;
    }
}
