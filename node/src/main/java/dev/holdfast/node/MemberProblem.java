package dev.holdfast.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Something wrong with a list of members, each of which is well-formed by itself.
 *
 * @param index the position in the list of the member at which it was noticed
 * @param what what is wrong, with the members that it concerns
 * @param allowed what is allowed instead
 */
public record MemberProblem(int index, String what, String allowed) {
    /**
     * All problems of a list, in its order. Looks up the members' hosts, which may block.
     *
     * @param insecure whether members may be reached at other than loopback addresses, as the user says so or all is encrypted
     * @param permission how to get there, for the message
     */
    public static List<MemberProblem> in(List<Member> members, boolean insecure, String permission) {
        List<MemberProblem> problems = new ArrayList<>();
        Map<String, Member> ids = new HashMap<>();
        Map<String, Member> addresses = new HashMap<>();
        for (int index = 0; index < members.size(); index++) {
            Member member = members.get(index);
            Member same = ids.put(member.id(), member);
            if (same != null) {
                problems.add(twice(index, member, same, "the id " + member.id()));
            }
            for (int port : List.of(member.raftPort(), member.clientPort())) {
                String address = member.host() + ":" + port;
                same = addresses.put(address, member);
                if (same != null) {
                    problems.add(twice(index, member, same, address));
                }
            }
            if (!insecure && !member.isLoopback()) {
                problems.add(new MemberProblem(
                        index,
                        member + " is not on loopback, and traffic is not encrypted: whoever reaches its ports can take"
                                + " and break locks",
                        "loopback, or " + permission + " if the network is yours alone"));
            }
        }
        return problems;
    }

    private static MemberProblem twice(int index, Member second, Member first, String what) {
        return new MemberProblem(
                index, second + " and " + first + " both have " + what, "each id and each address once");
    }

    /** {@code what; allowed: allowed}. */
    @Override
    public String toString() {
        return what + "; allowed: " + allowed;
    }
}
