package dev.holdfast.client.remote;

import java.util.List;
import java.util.OptionalLong;

/**
 * A member of a cluster, or a peer that would like to be one, as some peer knew it at some moment. None of it is linearizable.
 *
 * @param name the member's name
 * @param incarnation which data folder of that name; empty for one that was made before there were incarnations
 * @param raft where other members reach it
 * @param clients where clients do
 * @param leads the groups that it leads, in the order of their numbers
 * @param appliedIndex the last entry of the first group's log that it applied, -1 for none; empty if it did not answer
 * @param version its release; empty if that is not known
 */
public record MemberStatus(
        String name,
        String incarnation,
        HostPort raft,
        HostPort clients,
        Role role,
        List<Integer> leads,
        OptionalLong appliedIndex,
        String version) {

    /** What a peer is to the cluster. */
    public enum Role {
        /** It votes, and what a majority of the voters has on disk is done. */
        VOTER,
        /** It has all that the voters have, and no vote. */
        LISTENER,
        /** It presents itself, and is no member until it is added, or replaces the member of its name. */
        NEWCOMER,
        /** A role that this release does not know. */
        UNKNOWN
    }

    public MemberStatus {
        leads = List.copyOf(leads);
    }

    /** Whether it answered. */
    public boolean answers() {
        return appliedIndex.isPresent();
    }
}
