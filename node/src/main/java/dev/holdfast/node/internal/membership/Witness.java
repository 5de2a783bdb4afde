package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.NotLeadingException;

/** Hears of each step of a change of the members before it is made, so that none is made of which nobody knows. */
public interface Witness {
    /** One that does not care. */
    Witness NONE = what -> false;

    /**
     * May block for some seconds.
     *
     * @param what is about to be done, for people to read
     * @return whether this was written down, which takes time: what was found out before it may no longer be so
     * @throws NotLeadingException if this peer does not lead any more; it is not done then
     * @throws MemberChangeException if it is not to be done
     */
    boolean begins(String what) throws NotLeadingException, InterruptedException;
}
