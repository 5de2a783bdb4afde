package dev.holdfast.statemachine;

import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a lockable: all that begins or ends a hold or a wait, or changes how much a hold counts. It is no part of
 * the state.
 *
 * @param owner who was granted it, waited for it, or held it
 * @param token of the hold; 0 if the owner got none
 * @param count how much the owner holds after that: permits, or the hold count of a mutex; of a wait, how many permits it is for
 * @param lastedMs how long what ended with it had lasted, in milliseconds of log time: the wait before a grant, the wait that was given
 *     up, or the hold; {@link dev.holdfast.protocol.Answer.ChangeView#NOTHING_ENDED} if nothing did
 * @param client whose session acquired, waited or released; {@code null} if none is known
 */
public record Change(
        ChangeKind kind,
        LockableKey lockable,
        Owner owner,
        long token,
        int count,
        long lastedMs,
        @Nullable Client client) {

    /** A session, as it was opened. */
    public record Client(SessionId session, String host, String name, String principal, String address) {}
}
