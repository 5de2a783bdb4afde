package dev.holdfast.node.internal.membership;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** What must be so at every moment of a simulation, as {@code Membership.tla} has it. */
final class MembershipInvariants {
    /** One group. */
    private static final class Group {
        final Map<Long, String> leaders = new HashMap<>();
        final List<SimulatedRaft.Entry> committed = new ArrayList<>();

        /** In which term each of them was. */
        final List<Long> terms = new ArrayList<>();

        final Set<String> left = new HashSet<>();
        SimulatedConfiguration newest;
        long tokens;

        Group(SimulatedConfiguration initial) {
            newest = initial;
        }
    }

    private final List<Group> groups = new ArrayList<>();
    private final Map<String, Integer> folders = new HashMap<>();
    private int numbers;

    MembershipInvariants(int groups, SimulatedConfiguration initial) {
        for (int number = 0; number < groups; number++) {
            this.groups.add(new Group(initial));
        }
    }

    void check(boolean isSo, Supplier<String> otherwise) {
        if (!isSo) {
            throw new AssertionError(otherwise.get());
        }
    }

    /** Tells entries apart that have nothing else in which they differ. */
    int nextNumber() {
        return ++numbers;
    }

    /** A folder was made, whose peer has that id. */
    void made(Peer peer, int folder) {
        folders.putIfAbsent(SimulatedConfiguration.text(peer), folder);
    }

    /** A vote, or an acknowledgement, was counted. */
    void counted(int group, String id, int folder) {
        check(
                folders.getOrDefault(id, -1) == folder,
                () -> "group " + group + " counts " + id + ", whose disk is not the one that became a member");
    }

    void elected(int group, long term, String id, List<SimulatedRaft.Entry> log) {
        String before = groups.get(group).leaders.putIfAbsent(term, id);
        check(before == null, () -> "group " + group + " has two leaders in term " + term + ": " + before + ", " + id);
        // Elected late, it may miss what the leader of a later term has committed.
        int known = groups.get(group).terms.size();
        while (known > 0 && groups.get(group).terms.get(known - 1) >= term) {
            known--;
        }
        List<SimulatedRaft.Entry> committed = groups.get(group).committed.subList(0, known);
        check(
                log.size() >= known && log.subList(0, known).equals(committed),
                () -> "group " + group + " is led by " + id + " in term " + term
                        + ", which does not know all that was committed");
    }

    /** A peer that knows of that term takes those for committed. */
    void committed(int group, long term, List<SimulatedRaft.Entry> log, int from, int to) {
        Group of = groups.get(group);
        for (int index = from; index < to; index++) {
            SimulatedRaft.Entry entry = log.get(index);
            if (index < of.committed.size()) {
                SimulatedRaft.Entry known = of.committed.get(index);
                check(
                        known.equals(entry),
                        () -> "group " + group + " has two histories: "
                                + (entry.configuration() == null ? "a token is granted twice, by " : "")
                                + known + " and " + entry);
                continue;
            }
            of.committed.add(entry);
            of.terms.add(term);
            SimulatedConfiguration next = entry.configuration();
            if (next == null) {
                of.tokens++;
            } else {
                configured(group, of, next);
            }
        }
    }

    private void configured(int group, Group of, SimulatedConfiguration next) {
        SimulatedConfiguration before = of.newest;
        check(
                next.equals(before) || before.sharesMajorities(next),
                () -> "group " + group + " goes from " + before + " to " + next + ", which need not share a voter");
        long names =
                next.current().all().map(peer -> peer.id().name()).distinct().count();
        check(names == next.current().all().count(), () -> "group " + group + " has a name twice: " + next);
        if (group == 0) {
            Set<String> all = next.all();
            before.all().stream().filter(id -> !all.contains(id)).forEach(of.left::add);
            check(
                    all.stream().noneMatch(of.left::contains),
                    () -> "group " + group + " has somebody back who had left it: " + next + ", left: " + of.left);
        }
        of.newest = next;
    }

    /** The newest configuration of that group that was committed. */
    SimulatedConfiguration newest(int group) {
        return groups.get(group).newest;
    }

    /** How many tokens that group has granted. */
    long tokens(int group) {
        return groups.get(group).tokens;
    }
}
