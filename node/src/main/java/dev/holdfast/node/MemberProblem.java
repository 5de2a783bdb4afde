package dev.holdfast.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with a list of members, each of which is well-formed by itself.
 *
 * @param index the position in the list of the member at which it was noticed; 0 if it is not about the list
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
                problems.add(offLoopback(index, member + " is not", permission));
            }
        }
        return problems;
    }

    /**
     * The problem with the address on which a peer listens, if it is another than the one that members know; {@code null} if there is none.
     * Looks up its host, which may block.
     *
     * @param listening the peer, where it listens
     * @param insecure as above
     * @param permission as above
     */
    public static @Nullable MemberProblem ofListening(Member listening, boolean insecure, String permission) {
        return insecure || listening.isLoopback()
                ? null
                : offLoopback(0, listening.host() + ", on which " + listening.id() + " listens, is not", permission);
    }

    private static MemberProblem offLoopback(int index, String what, String permission) {
        return new MemberProblem(
                index,
                what + " on loopback, and traffic is not encrypted: whoever reaches its ports can take and break locks",
                "loopback, or " + permission + " if the network is yours alone");
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
