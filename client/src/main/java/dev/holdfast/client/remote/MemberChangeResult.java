package dev.holdfast.client.remote;

import java.util.List;

/**
 * The members are as was asked.
 *
 * @param changed whether they were not before
 * @param text what was done, or why there was nothing to do, for people to read
 * @param groupsBehind the groups that did not follow in time; empty if all did. Their leaders go on trying. Until then, a member that was
 *     removed or replaced still counts there, and must not be stopped for good
 */
public record MemberChangeResult(boolean changed, String text, List<Integer> groupsBehind) {
    public MemberChangeResult {
        groupsBehind = List.copyOf(groupsBehind);
    }
}
