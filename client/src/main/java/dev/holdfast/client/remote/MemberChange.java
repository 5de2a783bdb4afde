package dev.holdfast.client.remote;

/**
 * A change of who the members of a cluster are. Asking for one again does no harm: what is so already is not done again.
 *
 * @param name the member, or the newcomer, that it is about
 * @param force whether to do it even if the cluster would then stop when one more member is lost
 */
public record MemberChange(Action action, String name, boolean force) {

    /** What is to be done. */
    public enum Action {
        /** The newcomer of that name becomes a member: a voter, or a listener if there are as many voters as there may be. */
        ADD,
        /** The newcomer of that name takes the place of the member of that name, in one step. */
        REPLACE,
        /** The member of that name is none any more. */
        REMOVE,
        /** A listener becomes a voter. */
        PROMOTE,
        /** A voter becomes a listener. */
        DEMOTE,
        /** A voter is made the leader of the first group. */
        LEAD
    }

    /** One that is not forced. */
    public static MemberChange of(Action action, String name) {
        return new MemberChange(action, name, false);
    }
}
