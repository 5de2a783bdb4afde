package dev.holdfast.client;

/**
 * What a client believes about a hold. The belief is never later than the truth in the cluster: a hold that is {@link #HELD}
 * or {@link #SUSPECT} here is held there, under its token, by its owner; or it will stop saying so before its lease ends. A
 * process that may be paused between asking and acting needs the fencing token all the same.
 *
 * <table>
 * <caption>What changes the belief, and to what. {@code LOST} and {@code RELEASED} are final.</caption>
 * <tr><th>From</th><th>What happens</th><th>To</th></tr>
 * <tr><td>HELD</td><td>half of the session's lease passes without a confirmation, or four fifths of a TTL</td>
 *     <td>SUSPECT</td></tr>
 * <tr><td>HELD, SUSPECT</td><td>{@link LockHandle#expireIn} is called: counts as a TTL of that length from then on, until the
 *     cluster has certainly not done it</td><td>HELD or SUSPECT</td></tr>
 * <tr><td>HELD</td><td>the session is lost, and the hold outlives it: nobody tells of its end</td><td>SUSPECT</td></tr>
 * <tr><td>SUSPECT</td><td>the session is confirmed, the hold is extended, or the cluster confirms it to the next session</td>
 *     <td>HELD</td></tr>
 * <tr><td>HELD, SUSPECT</td><td>a release that would end it is sent</td><td>IN_DOUBT</td></tr>
 * <tr><td>IN_DOUBT</td><td>the release has certainly done nothing</td><td>HELD or SUSPECT, as the lease says</td></tr>
 * <tr><td>IN_DOUBT</td><td>the cluster confirms this handle's release</td><td>RELEASED</td></tr>
 * <tr><td>any but the final ones</td><td>the lease ends by this client's conservative clock; the cluster tells of the end,
 *     or knows no such hold; another handle's release ends the hold; the client is closed</td><td>LOST</td></tr>
 * </table>
 */
public enum HoldState {
    /** Held, and recently confirmed. */
    HELD,
    /**
     * Still held, but about to be lost unless it is renewed: the cluster has not confirmed the session for half of its lease, or
     * less than a fifth of a TTL is left. Or the session was lost, and the hold has outlived it: it is held as far as anybody
     * here knows, but nobody would tell of its end until the next session is open. Time to finish, to save, or to extend.
     */
    SUSPECT,
    /**
     * A release of it was sent, and it is not known what became of it: it may still be held, or be held by somebody else
     * already. Do nothing that needs the lock. Releasing it again settles it.
     */
    IN_DOUBT,
    /** No longer held: it expired, was taken by force, or was released by its owner from elsewhere. */
    LOST,
    /** Given back by this client. */
    RELEASED
}
