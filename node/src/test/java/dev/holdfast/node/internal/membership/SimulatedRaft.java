package dev.holdfast.node.internal.membership;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One peer's part in a Raft group whose members change by joint consensus, as Ratis has it: the newest configuration in a log counts; a new
 * leader repeats it before it does anything else; newcomers are brought up to date before they count; one change is made at a time, of the
 * members that were expected. A message may be lost, late, repeated, and overtaken.
 */
final class SimulatedRaft {
    private static final long HEARTBEAT_MS = 250;
    private static final long ELECTION_MS = 1000;
    private static final long ALONE_MS = 3 * ELECTION_MS;
    private static final long STAGING_MS = 4000;
    private static final int ENTRIES_MAX = 50;

    /** @param configuration {@code null} if it grants a token */
    record Entry(long term, int number, @Nullable SimulatedConfiguration configuration) {}

    /** What is on the disk. All of it is there at once. */
    static final class Disk {
        private final SimulatedConfiguration initial;
        private final List<Entry> log = new ArrayList<>();
        private long term;
        private String votedFor = "";
        private int configurationIndex = -1;

        Disk(SimulatedConfiguration initial) {
            this.initial = initial;
        }

        SimulatedConfiguration configuration() {
            SimulatedConfiguration newest =
                    configurationIndex < 0 ? null : log.get(configurationIndex).configuration();
            return newest == null ? initial : newest;
        }

        int configurationIndex() {
            return configurationIndex;
        }

        private void add(Entry entry) {
            if (entry.configuration() != null) {
                configurationIndex = log.size();
            }
            log.add(entry);
        }

        private void cutTo(int size) {
            log.subList(size, log.size()).clear();
            if (configurationIndex >= size) {
                configurationIndex = size - 1;
                while (configurationIndex >= 0 && log.get(configurationIndex).configuration() == null) {
                    configurationIndex--;
                }
            }
        }
    }

    /** The rest of the world. */
    interface Surroundings {
        long nowMs();

        /** From 0, below that bound. */
        int random(int bound);

        /** What is done there if it arrives at the peer with that id. */
        void send(String to, Consumer<SimulatedRaft> message);
    }

    private enum Role {
        FOLLOWER,
        CANDIDATE,
        LEADER
    }

    private record Change(MemberSet wanted, CompletableFuture<Void> done, long sinceMs) {}

    private final int group;
    private final String id;
    private final int folder;
    private final Disk disk;
    private final Surroundings around;
    private final MembershipInvariants invariants;

    private Role role = Role.FOLLOWER;
    private @Nullable String leader;
    private int commit = -1;
    private long heardLeaderMs;
    private long standsMs;
    private final Set<String> votes = new HashSet<>();
    private SimulatedConfiguration stoodWith;

    /** The following are a leader's. */
    private final Map<String, Integer> next = new HashMap<>();

    private final Map<String, Integer> match = new HashMap<>();
    private final Map<String, Long> heardMs = new HashMap<>();
    private int readyIndex;
    private long sentMs;
    private @Nullable Change change;
    private boolean isStaging;

    /** @param folder tells whether this is the data folder that the configuration means, or another one of the same name */
    SimulatedRaft(int group, Peer self, int folder, Disk disk, Surroundings around, MembershipInvariants invariants) {
        this.group = group;
        this.id = SimulatedConfiguration.text(self);
        this.folder = folder;
        this.disk = disk;
        this.around = around;
        this.invariants = invariants;
        this.stoodWith = disk.configuration();
        this.heardLeaderMs = around.nowMs() - ELECTION_MS;
        waitForLeader();
    }

    boolean leads() {
        return role == Role.LEADER;
    }

    /** The id of the leader, as far as this peer knows. */
    @Nullable
    String leader() {
        return leader;
    }

    int commit() {
        return commit;
    }

    MemberSet members() {
        SimulatedConfiguration newest = disk.configuration();
        return new MemberSet(
                newest.current().voters(),
                newest.current().listeners(),
                commit >= disk.configurationIndex && !newest.isJoint());
    }

    /** Called often. */
    void tick() {
        long now = around.nowMs();
        if (role == Role.LEADER) {
            Set<String> recent = new HashSet<>();
            recent.add(id);
            heardMs.forEach((peer, at) -> {
                if (now - at < ALONE_MS) {
                    recent.add(peer);
                }
            });
            if (!disk.configuration().isMajority(recent)) {
                follow();
                return;
            }
            Change waiting = change;
            if (waiting != null && isStaging && now - waiting.sinceMs > STAGING_MS) {
                end(waiting, "the newcomer does not catch up");
            }
            if (now - sentMs >= HEARTBEAT_MS) {
                broadcast();
            }
        } else if (now >= standsMs && disk.configuration().voters().contains(id)) {
            stand(false);
        }
    }

    private void waitForLeader() {
        standsMs = around.nowMs() + ELECTION_MS + around.random((int) ELECTION_MS);
    }

    /** As if the leader had asked it to. */
    void standAtOnce() {
        if (role != Role.LEADER && disk.configuration().voters().contains(id)) {
            stand(true);
        }
    }

    private void stand(boolean asked) {
        disk.term++;
        disk.votedFor = id;
        role = Role.CANDIDATE;
        leader = null;
        votes.clear();
        votes.add(id);
        stoodWith = disk.configuration();
        waitForLeader();
        long term = disk.term;
        int last = disk.log.size() - 1;
        long lastTerm = last < 0 ? 0 : disk.log.get(last).term();
        for (String voter : stoodWith.voters()) {
            if (!voter.equals(id)) {
                around.send(voter, peer -> peer.voteAsked(term, id, last, lastTerm, asked));
            }
        }
        leadIfElected();
    }

    /** A candidate that is no member any more is not told so here: the product does not let Ratis do that. */
    private void voteAsked(long term, String candidate, int last, long lastTerm, boolean asked) {
        boolean hasLeader = role == Role.LEADER || (leader != null && around.nowMs() - heardLeaderMs < ELECTION_MS);
        if (hasLeader && !asked) {
            return;
        }
        learn(term);
        int ownLast = disk.log.size() - 1;
        long ownLastTerm = ownLast < 0 ? 0 : disk.log.get(ownLast).term();
        boolean isUpToDate = lastTerm > ownLastTerm || (lastTerm == ownLastTerm && last >= ownLast);
        boolean isGranted = term == disk.term
                && role == Role.FOLLOWER
                && isUpToDate
                && (disk.votedFor.isEmpty() || disk.votedFor.equals(candidate));
        if (isGranted) {
            disk.votedFor = candidate;
            waitForLeader();
        }
        long now = disk.term;
        around.send(candidate, peer -> peer.voted(now, isGranted, id, folder));
    }

    private void voted(long term, boolean isGranted, String voter, int voterFolder) {
        learn(term);
        if (role == Role.CANDIDATE && term == disk.term && isGranted) {
            invariants.counted(group, voter, voterFolder);
            votes.add(voter);
            leadIfElected();
        }
    }

    private void leadIfElected() {
        if (!stoodWith.isMajority(votes)) {
            return;
        }
        invariants.elected(group, disk.term, id, disk.log);
        role = Role.LEADER;
        leader = id;
        next.clear();
        match.clear();
        heardMs.clear();
        disk.configuration().all().forEach(peer -> heardMs.put(peer, around.nowMs()));
        readyIndex = disk.log.size();
        append(disk.configuration());
    }

    /** Somebody knows that term. */
    private void learn(long term) {
        if (term > disk.term) {
            disk.term = term;
            disk.votedFor = "";
            follow();
        }
    }

    private void follow() {
        if (role == Role.LEADER) {
            leader = null;
        }
        role = Role.FOLLOWER;
        Change begun = change;
        if (begun != null) {
            end(begun, "this peer does not lead any more");
        }
        waitForLeader();
    }

    private void end(Change ended, String why) {
        change = null;
        isStaging = false;
        ended.done.completeExceptionally(new ChangeRefusedException(why));
    }

    /** Grants the next token, if this peer leads and it is committed. */
    void grant() {
        if (role == Role.LEADER) {
            append(null);
        }
    }

    private void append(@Nullable SimulatedConfiguration configuration) {
        disk.add(new Entry(disk.term, invariants.nextNumber(), configuration));
        broadcast();
        commitWhatIsKnown();
    }

    private void broadcast() {
        sentMs = around.nowMs();
        Set<String> others = new HashSet<>(disk.configuration().all());
        Change staged = change;
        if (staged != null && isStaging) {
            staged.wanted.all().map(SimulatedConfiguration::text).forEach(others::add);
        }
        others.remove(id);
        others.stream().sorted().forEach(this::sendTo);
    }

    private void sendTo(String other) {
        int from = Math.min(next.getOrDefault(other, disk.log.size()), disk.log.size());
        long previousTerm = from == 0 ? 0 : disk.log.get(from - 1).term();
        List<Entry> entries = List.copyOf(disk.log.subList(from, Math.min(from + ENTRIES_MAX, disk.log.size())));
        long term = disk.term;
        int committed = commit;
        around.send(other, peer -> peer.appendAsked(term, id, from, previousTerm, entries, committed));
    }

    private void appendAsked(
            long term, String from, int first, long previousTerm, List<Entry> entries, int leaderCommit) {
        learn(term);
        if (term == disk.term) {
            role = Role.FOLLOWER;
            leader = from;
            heardLeaderMs = around.nowMs();
            waitForLeader();
        }
        boolean fits = term == disk.term
                && first <= disk.log.size()
                && (first == 0 || disk.log.get(first - 1).term() == previousTerm);
        if (fits) {
            take(first, entries);
            commitTo(Math.min(leaderCommit, first + entries.size() - 1));
        }
        long now = disk.term;
        int known = fits ? first + entries.size() : Math.min(disk.log.size(), Math.max(0, first - 1));
        around.send(from, peer -> peer.appended(now, fits, known, id, folder));
    }

    private void take(int first, List<Entry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            int index = first + i;
            if (index < disk.log.size()
                    && disk.log.get(index).term() != entries.get(i).term()) {
                invariants.check(index > commit, () -> id + " is to overwrite an entry that was committed");
                disk.cutTo(index);
            }
            if (index == disk.log.size()) {
                disk.add(entries.get(i));
            }
        }
    }

    /** @param known how many of the leader's entries the other has, or else how many it may have */
    private void appended(long term, boolean fits, int known, String other, int otherFolder) {
        learn(term);
        if (role != Role.LEADER || term != disk.term) {
            return;
        }
        heardMs.put(other, around.nowMs());
        if (!fits) {
            next.put(other, Math.max(match.getOrDefault(other, 0), known));
            sendTo(other);
            return;
        }
        invariants.counted(group, other, otherFolder);
        match.merge(other, known, Math::max);
        next.put(other, match.get(other));
        beginWhenCaughtUp();
        commitWhatIsKnown();
        if (role == Role.LEADER && match.get(other) < disk.log.size()) {
            sendTo(other);
        }
    }

    private void commitWhatIsKnown() {
        for (int index = disk.log.size() - 1; index > commit; index--) {
            if (disk.log.get(index).term() != disk.term) {
                return;
            }
            Set<String> have = new HashSet<>();
            have.add(id);
            int wanted = index;
            match.forEach((peer, count) -> {
                if (count > wanted) {
                    have.add(peer);
                }
            });
            if (disk.configuration().isMajority(have)) {
                commitTo(index);
                goOn();
                return;
            }
        }
    }

    private void commitTo(int index) {
        if (index > commit) {
            invariants.committed(group, disk.term, disk.log, commit + 1, index + 1);
            commit = index;
        }
    }

    /** The second step of a change, or its end. */
    private void goOn() {
        SimulatedConfiguration newest = disk.configuration();
        if (commit < disk.configurationIndex) {
            return;
        }
        if (newest.isJoint()) {
            append(SimulatedConfiguration.of(newest.current()));
            return;
        }
        Change begun = change;
        if (begun != null && !isStaging) {
            change = null;
            begun.done.complete(null);
        }
        if (!newest.voters().contains(id)) {
            follow();
        }
    }

    /** As {@code RatisGroup.change}. */
    CompletableFuture<Void> change(MemberSet expected, MemberSet wanted) {
        MemberSet now = members();
        String refused = null;
        if (role != Role.LEADER || commit < readyIndex) {
            refused = "this peer does not lead";
        } else if (change != null || !now.settled()) {
            refused = "another change is under way";
        } else if (!MemberSets.areSame(now, expected)) {
            refused = "the members are others";
        } else if (!MemberSets.isOneStep(now, wanted)) {
            refused = "too many would change at once";
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (refused != null) {
            done.completeExceptionally(new ChangeRefusedException(refused));
            return done;
        }
        change = new Change(wanted, done, around.nowMs());
        isStaging = true;
        broadcast();
        beginWhenCaughtUp();
        return done;
    }

    @Override
    public String toString() {
        return role + " of " + leader + " in term " + disk.term + ", " + disk.log.size() + " entries, " + (commit + 1)
                + " committed, " + disk.configuration() + (change == null ? "" : ", to become " + change.wanted);
    }

    private void beginWhenCaughtUp() {
        Change staged = change;
        if (staged == null || !isStaging) {
            return;
        }
        Set<String> known = disk.configuration().all();
        boolean isCaughtUp = staged.wanted
                .all()
                .map(SimulatedConfiguration::text)
                .allMatch(peer -> known.contains(peer) || match.getOrDefault(peer, -1) > commit);
        if (isCaughtUp) {
            isStaging = false;
            append(disk.configuration().joint(staged.wanted));
        }
    }
}
