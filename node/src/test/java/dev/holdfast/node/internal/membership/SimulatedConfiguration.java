package dev.holdfast.node.internal.membership;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an entry of a simulated log says about the members; joint if it has old ones, too. Peers are told apart by what Raft compares,
 * which is the text of their ids.
 */
record SimulatedConfiguration(MemberSet current, MemberSet old) {
    private static final MemberSet NOBODY = new MemberSet(List.of(), List.of(), true);

    static SimulatedConfiguration of(MemberSet members) {
        return new SimulatedConfiguration(members, NOBODY);
    }

    /** From this one to those. */
    SimulatedConfiguration joint(MemberSet wanted) {
        return new SimulatedConfiguration(wanted, current);
    }

    boolean isJoint() {
        return !old.voters().isEmpty();
    }

    boolean isEmpty() {
        return current.voters().isEmpty();
    }

    /** Whether those are a majority, and in a joint one a majority of the old voters as well. */
    boolean isMajority(Set<String> ids) {
        return isMajority(current.voters(), ids) && (!isJoint() || isMajority(old.voters(), ids));
    }

    private static boolean isMajority(List<Peer> voters, Set<String> ids) {
        int count = 0;
        for (Peer voter : voters) {
            count += ids.contains(text(voter)) ? 1 : 0;
        }
        return count > voters.size() / 2;
    }

    Set<String> voters() {
        return texts(Stream.concat(current.voters().stream(), old.voters().stream()));
    }

    Set<String> all() {
        return texts(Stream.concat(current.all(), old.all()));
    }

    /** Whether every majority of the one has a voter of every majority of the other. */
    boolean sharesMajorities(SimulatedConfiguration other) {
        List<Set<String>> ours = majorities();
        List<Set<String>> others = other.majorities();
        return ours.stream()
                .allMatch(one -> others.stream().allMatch(each -> one.stream().anyMatch(each::contains)));
    }

    private List<Set<String>> majorities() {
        List<String> voters = List.copyOf(voters());
        return Stream.iterate(0, bits -> bits < 1 << voters.size(), bits -> bits + 1)
                .map(bits -> {
                    Set<String> chosen = new HashSet<>();
                    for (int i = 0; i < voters.size(); i++) {
                        if ((bits & 1 << i) != 0) {
                            chosen.add(voters.get(i));
                        }
                    }
                    return chosen;
                })
                .filter(this::isMajority)
                .toList();
    }

    static String text(Peer peer) {
        return peer.id().toString();
    }

    private static Set<String> texts(Stream<Peer> peers) {
        return peers.map(SimulatedConfiguration::text).collect(Collectors.toSet());
    }

    @Override
    public String toString() {
        String now = names(current);
        return isJoint() ? names(old) + " -> " + now : now;
    }

    private static String names(MemberSet members) {
        return members.voters().stream()
                        .map(SimulatedConfiguration::text)
                        .sorted()
                        .toList()
                + (members.listeners().isEmpty()
                        ? ""
                        : "+"
                                + members.listeners().stream()
                                        .map(SimulatedConfiguration::text)
                                        .sorted()
                                        .toList());
    }
}
