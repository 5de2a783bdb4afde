package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.node.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster whose members change, in one thread and in virtual time: the product's {@link MemberChanger}, {@link Reconciler} and
 * {@code Meetings} at each peer, over {@linkplain SimulatedRaft simulated groups}. Messages are lost, leaders die in the middle of a change,
 * disks are wiped, members are added, replaced, removed, promoted and demoted, and whoever asks for that may be at a leader that was
 * deposed. Then all is well again, and everything has to be in order.
 *
 * <p>A call of the product that blocks lets the rest of the world go on until it is over.
 */
public final class MembershipSimulation {
    static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");
    static final UUID CLUSTER = new UUID(1, 1);

    private static final Duration STEP = Duration.ofMillis(25);
    private static final long CHAOS_MS = 25_000;
    private static final long QUIET_MS = 240_000;
    private static final int DEPTH_MAX = 4;
    private static final int LOST_ONE_IN = 50;
    private static final int REPEATED_ONE_IN = 40;
    private static final int LATE_ONE_IN = 15;

    final ManualTimers timers = new ManualTimers(0);
    final int groups;
    final List<Peer> founders;
    final MembershipInvariants invariants;

    private final Random random;
    private final Map<String, SimulatedMember.Disk> disks = new TreeMap<>();
    private final Map<String, SimulatedMember> running = new TreeMap<>();

    /** The ids of those that cannot hear each other. */
    private final Set<Set<String>> cut = new HashSet<>();

    /** What leaders have been asked to change to, and may begin or not. */
    private final List<MemberSet> wanted = new ArrayList<>();

    private final Map<Action, Integer> done = new EnumMap<>(Action.class);
    private boolean isChaos = true;
    private int folders;
    private int depth;

    private MembershipSimulation(long seed) {
        random = new Random(seed);
        groups = 1 + random.nextInt(3);
        int first = random.nextInt(6) == 0 ? 1 : random.nextInt(4) == 0 ? 5 : 3;
        List<Peer> peers = new ArrayList<>();
        for (String name : NAMES.subList(0, first)) {
            peers.add(newPeer(name));
        }
        founders = List.copyOf(peers);
        MemberSet all = new MemberSet(founders, List.of(), true);
        invariants = new MembershipInvariants(groups, SimulatedConfiguration.of(all));
        for (Peer founder : founders) {
            SimulatedMember.Disk disk = new SimulatedMember.Disk(founder, folders, groups, all);
            disk.belongTo(CLUSTER, founders);
            made(disk);
        }
    }

    /**
     * Runs seeds until one fails.
     *
     * @return what failed; {@code null} if nothing did
     */
    public static @Nullable String firstFailure(long firstSeed, long count) {
        return firstFailure(firstSeed, count, new EnumMap<>(Action.class));
    }

    /** @param done is told how often each action was done */
    static @Nullable String firstFailure(long firstSeed, long count, Map<Action, Integer> done) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            try {
                MembershipSimulation simulation = new MembershipSimulation(seed);
                simulation.run();
                simulation.done.forEach((action, times) -> done.merge(action, times, Integer::sum));
            } catch (AssertionError | RuntimeException e) {
                return "seed " + seed + ": " + e.getMessage();
            } finally {
                // Of a peer that was killed while it waited.
                var unused = Thread.interrupted();
            }
        }
        return null;
    }

    private void run() {
        NAMES.subList(0, founders.size()).forEach(this::start);
        timers.schedule(this::mischief, TimeUnit.SECONDS.toNanos(2));
        timers.advance(Duration.ofMillis(CHAOS_MS));
        isChaos = false;
        cut.clear();
        NAMES.stream().filter(name -> !running.containsKey(name)).forEach(this::start);
        timers.schedule(this::replaceLost, 0);
        long tokens = tokens();
        await(QUIET_MS, () -> unsettled().isEmpty() && tokens() > tokens + 20L * groups);
        String left = unsettled();
        invariants.check(left.isEmpty(), () -> "in the end " + left + state());
        invariants.check(tokens() > tokens + 20L * groups, () -> "in the end hardly any token is granted: " + state());
    }

    private long tokens() {
        long least = Long.MAX_VALUE;
        for (int group = 0; group < groups; group++) {
            least = Math.min(least, invariants.tokens(group));
        }
        return least * groups;
    }

    /** For people to read. */
    private String state() {
        StringBuilder state = new StringBuilder();
        for (int group = 0; group < groups; group++) {
            int number = group;
            state.append("\n  group " + group + " " + invariants.newest(group) + ", " + invariants.tokens(group)
                    + " tokens");
            running.values()
                    .forEach(member -> state.append("\n    " + member.groups().get(number)));
        }
        return state.toString();
    }

    /** What is not in order; empty if everything is. */
    private String unsettled() {
        MemberSet first = invariants.newest(0).current();
        for (int group = 0; group < groups; group++) {
            SimulatedConfiguration newest = invariants.newest(group);
            if (newest.isJoint()) {
                return "a change of group " + group + " is neither done nor undone: " + newest;
            }
            if (!MemberSets.areSame(newest.current(), first)) {
                return "group " + group + " has other members than the first: " + newest + " and "
                        + invariants.newest(0);
            }
        }
        return "";
    }

    /** Lets the world go on until that is so, or that time is over. */
    void await(long millis, BooleanSupplier isSo) {
        depth++;
        long endNanos = timers.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!isSo.getAsBoolean() && timers.nanoTime() < endNanos) {
            timers.advance(STEP);
        }
        depth--;
    }

    /** Whoever calls this may be suspended here, while the rest goes on. */
    void pauseSometimes() {
        if (isChaos && depth < DEPTH_MAX && random.nextInt(5) == 0) {
            await(random.nextInt(random.nextInt(3) == 0 ? 9000 : 2000), () -> false);
        }
    }

    int random(int bound) {
        return random.nextInt(bound);
    }

    /** Has that done at the peer with that id, if it runs and is reached. */
    void send(SimulatedMember from, String to, java.util.function.Consumer<SimulatedMember> message) {
        if (isChaos && random.nextInt(LOST_ONE_IN) == 0) {
            return;
        }
        int copies = isChaos && random.nextInt(REPEATED_ONE_IN) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            int delay = isChaos && random.nextInt(LATE_ONE_IN) == 0 ? random.nextInt(1500) : 1 + random.nextInt(30);
            timers.schedule(
                    () -> {
                        SimulatedMember there = running.get(PeerId.nameIn(to));
                        if (there != null
                                && SimulatedConfiguration.text(there.self()).equals(to)
                                && reaches(from, there)) {
                            message.accept(there);
                        }
                    },
                    TimeUnit.MILLISECONDS.toNanos(delay));
        }
    }

    boolean reaches(SimulatedMember one, SimulatedMember other) {
        return !cut.contains(Set.of(one.self().id().name(), other.self().id().name()));
    }

    /** Whoever runs under that name; {@code null} if nobody does. */
    @Nullable
    SimulatedMember named(String name) {
        return running.get(name);
    }

    private Peer newPeer(String name) {
        int port = 7000 + 10 * name.charAt(0);
        return Peer.of(
                new PeerId(name, String.format("%016x", ++folders)), new Member(name, "127.0.0.1", port, port + 1));
    }

    private void made(SimulatedMember.Disk disk) {
        invariants.made(disk.self(), disk.number());
        disks.put(disk.self().id().name(), disk);
    }

    private void start(String name) {
        if (!disks.containsKey(name)) {
            made(new SimulatedMember.Disk(newPeer(name), folders, groups, new MemberSet(List.of(), List.of(), true)));
        }
        SimulatedMember member = new SimulatedMember(this, disks.get(name));
        running.put(name, member);
        member.start();
    }

    /** It ends at once, whatever it is doing. */
    void stop(SimulatedMember member) {
        if (running.remove(member.self().id().name(), member)) {
            member.stop();
        }
    }

    private void mischief() {
        if (!isChaos) {
            return;
        }
        timers.schedule(this::mischief, TimeUnit.MILLISECONDS.toNanos(random.nextInt(700)));
        String name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(15)) {
            case 0 -> killForAWhile(name);
            case 1 -> killForAWhile(leader());
            case 2 -> cutForAWhile(name);
            case 3 -> wipe(name);
            case 4, 5 -> invite(name);
            case 6, 7 -> depose(name);
            default -> ask(name);
        }
    }

    /** Whoever looks after the cluster sees to it that there is nobody without a disk. */
    private void replaceLost() {
        timers.schedule(this::replaceLost, TimeUnit.SECONDS.toNanos(2));
        NAMES.stream()
                .filter(name -> actions(name).equals(List.of(Action.REPLACE)))
                .findFirst()
                .ifPresent(this::ask);
    }

    /** The name of one that believes that it leads the first group; or else of anybody. */
    private String leader() {
        return leaders()
                .map(member -> member.self().id().name())
                .findFirst()
                .orElse(NAMES.get(random.nextInt(NAMES.size())));
    }

    private Stream<SimulatedMember> leaders() {
        return running.values().stream().filter(member -> member.groups().get(0).leads());
    }

    private void killForAWhile(String name) {
        SimulatedMember member = running.get(name);
        if (member != null) {
            fail(member);
        }
    }

    /** It ends at once, and is started again. */
    void fail(SimulatedMember member) {
        String name = member.self().id().name();
        if (running.get(name) == member) {
            stop(member);
            timers.schedule(
                    () -> {
                        if (!running.containsKey(name) && disks.containsKey(name)) {
                            start(name);
                        }
                    },
                    TimeUnit.MILLISECONDS.toNanos(random.nextInt(4000)));
        }
    }

    private void depose(String name) {
        SimulatedMember member = running.get(name);
        if (member != null
                && member.groups().get(0).configuration().has(member.self().id())) {
            member.groups().get(0).depose();
        }
    }

    private void cutForAWhile(String name) {
        List<Set<String>> pairs = NAMES.stream()
                .filter(other -> !other.equals(name) && random.nextInt(3) > 0)
                .map(other -> Set.of(name, other))
                .toList();
        cut.addAll(pairs);
        timers.schedule(() -> pairs.forEach(cut::remove), TimeUnit.MILLISECONDS.toNanos(random.nextInt(5000)));
    }

    /** Whoever is not there, or was removed, comes with an empty disk. */
    private void invite(String name) {
        SimulatedMember.Disk disk = disks.get(name);
        if (!running.containsKey(name) && (disk == null || (disk.wasMember() && !isMember(disk)))) {
            disks.remove(name);
            start(name);
        }
    }

    private boolean isMember(SimulatedMember.Disk disk) {
        String id = SimulatedConfiguration.text(disk.self());
        for (int group = 0; group < groups; group++) {
            if (invariants.newest(group).all().contains(id)) {
                return true;
            }
        }
        return false;
    }

    /** The disk is lost, unless it is one too many; what is started in its place is empty. */
    private void wipe(String name) {
        SimulatedMember.Disk disk = disks.get(name);
        if (disk == null || !canLose(disk)) {
            return;
        }
        SimulatedMember member = running.get(name);
        if (member != null) {
            stop(member);
        }
        disks.remove(name);
        if (random.nextBoolean()) {
            start(name);
        }
    }

    /**
     * Notes that those are to be the members, until {@link #isOver}.
     *
     * @return whether they still can: since that was decided, too many of them may have lost their disks
     */
    boolean isBegun(MemberSet members) {
        wanted.add(members);
        return SimulatedConfiguration.of(members).isMajority(without(null));
    }

    void isOver(MemberSet members) {
        wanted.remove(members);
    }

    /** Those that there are, without that one. */
    private Set<String> without(SimulatedMember.@Nullable Disk lost) {
        Set<String> left = new HashSet<>();
        disks.values().stream()
                .filter(disk -> disk != lost)
                .forEach(disk -> left.add(SimulatedConfiguration.text(disk.self())));
        return left;
    }

    /** Whether there is a majority without it, by all configurations that anybody may go by. */
    private boolean canLose(SimulatedMember.Disk lost) {
        Set<String> left = without(lost);
        if (!wanted.stream()
                .allMatch(members -> SimulatedConfiguration.of(members).isMajority(left))) {
            return false;
        }
        for (int group = 0; group < groups; group++) {
            if (!invariants.newest(group).isMajority(left)) {
                return false;
            }
            for (SimulatedMember.Disk disk : disks.values()) {
                SimulatedConfiguration known = disk.log(group).configuration();
                if (!known.isEmpty() && !known.isMajority(left)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What may be asked of it. */
    private List<Action> actions(String name) {
        SimulatedMember.Disk disk = disks.get(name);
        MemberSet members = invariants.newest(0).current();
        if (disk != null && !disk.wasMember()) {
            return List.of(members.named(name) == null ? Action.ADD : Action.REPLACE);
        }
        boolean isVoter =
                members.voters().stream().anyMatch(peer -> peer.id().name().equals(name));
        return isVoter ? List.of(Action.REMOVE, Action.DEMOTE, Action.LEAD) : List.of(Action.REMOVE, Action.PROMOTE);
    }

    /** Somebody asks for a change at a peer that believes that it leads. */
    private void ask(String name) {
        List<SimulatedMember> leaders = leaders().toList();
        if (leaders.isEmpty() || depth >= DEPTH_MAX) {
            return;
        }
        SimulatedMember leader = leaders.get(random.nextInt(leaders.size()));
        List<Action> possible = actions(name);
        Action action = possible.get(random.nextInt(possible.size()));
        try {
            if (leader.change(new MemberChange(action, name, random.nextBoolean()))) {
                done.merge(action, 1, Integer::sum);
            }
        } catch (NotLeadingException | MemberChangeException refused) {
            // Its asker may ask again.
        } catch (InterruptedException e) {
            // The peer was killed meanwhile.
        }
    }
}
