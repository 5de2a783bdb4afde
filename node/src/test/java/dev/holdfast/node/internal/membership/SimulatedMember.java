package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.time.Timers;
import dev.holdfast.node.internal.birth.Meetings;
import dev.holdfast.node.internal.release.Supported;
import dev.holdfast.node.internal.transport.FrameKind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A peer of a {@link MembershipSimulation} from its start to its end, with what the product has in one. */
final class SimulatedMember implements MemberControl, Meetings.Self, Meetings.Questions, Timers {
    private static final UUID LIST = new UUID(2, 2);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CHANGE_MS = 15_000;

    /** So that a few entries are as much as the product allows somebody to be behind. */
    private static final long INDEXES_PER_ENTRY = ChangePlan.LAG_MAX / 4;

    /** What is on the disk of a peer. */
    static final class Disk {
        private final Peer self;
        private final int number;
        private final List<SimulatedRaft.Disk> logs = new ArrayList<>();
        private @Nullable UUID cluster;
        private List<Peer> founders = List.of();
        private boolean wasMember;

        /** @param initial the members with which the cluster began, if this is one of them */
        Disk(Peer self, int number, int groups, MemberSet initial) {
            this.self = self;
            this.number = number;
            for (int group = 0; group < groups; group++) {
                logs.add(new SimulatedRaft.Disk(SimulatedConfiguration.of(initial)));
            }
        }

        void belongTo(UUID id, List<Peer> begunWith) {
            cluster = id;
            founders = begunWith;
            wasMember = begunWith.stream().anyMatch(peer -> peer.id().equals(self.id()));
        }

        Peer self() {
            return self;
        }

        int number() {
            return number;
        }

        SimulatedRaft.Disk log(int group) {
            return logs.get(group);
        }

        boolean isFounder() {
            return founders.stream().anyMatch(peer -> peer.id().equals(self.id()));
        }

        /** Whether a configuration ever named it, as far as it knows. */
        boolean wasMember() {
            String id = SimulatedConfiguration.text(self);
            wasMember |= logs.stream().anyMatch(log -> log.configuration().all().contains(id));
            return wasMember;
        }
    }

    private final MembershipSimulation world;
    private final Disk disk;
    private final List<Part> parts = new ArrayList<>();
    private final Meetings meetings;
    private final Reconciler reconciler;
    private final MemberChanger changer;
    private final Deque<Runnable> work = new ArrayDeque<>();
    private boolean isWorking;
    private boolean isChanging;
    private boolean isUp = true;

    SimulatedMember(MembershipSimulation world, Disk disk) {
        this.world = world;
        this.disk = disk;
        for (int group = 0; group < world.groups; group++) {
            parts.add(new Part(group));
        }
        meetings = new Meetings(disk.self.id(), this, this, this, this::soon);
        reconciler = new Reconciler(this, this, this::inTurn);
        changer = new MemberChanger(this);
    }

    void start() {
        meetings.start();
        reconciler.start();
        schedule(this::tick, 0);
    }

    void stop() {
        isUp = false;
        meetings.close();
        reconciler.close();
    }

    private void tick() {
        schedule(this::tick, TICK_NANOS);
        if (disk.cluster != null) {
            for (Part part : parts) {
                part.raft.tick();
                if (world.random(3) == 0) {
                    part.raft.grant();
                }
            }
        }
    }

    /** Whether something was changed. Fails as the product does. */
    boolean change(MemberChange change) throws NotLeadingException, InterruptedException {
        if (isChanging) {
            return false;
        }
        isChanging = true;
        try {
            // All that it could wait for is over when it is told.
            return changer.perform(change, Duration.ofNanos(1)).changed();
        } finally {
            isChanging = false;
        }
    }

    @Override
    public long nanoTime() {
        return world.timers.nanoTime();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        return world.timers.schedule(
                () -> {
                    if (isUp) {
                        task.run();
                    }
                },
                delayNanos);
    }

    private void soon(Runnable task) {
        schedule(task, TimeUnit.MILLISECONDS.toNanos(world.random(20)));
    }

    /** The one thread of the reconciler. */
    private void inTurn(Runnable task) {
        work.add(task);
        if (isWorking) {
            return;
        }
        isWorking = true;
        while (isUp && !work.isEmpty()) {
            work.remove().run();
            // If it was killed.
            var unused = Thread.interrupted();
        }
        isWorking = false;
    }

    @Override
    public Peer self() {
        return disk.self;
    }

    @Override
    public List<Part> groups() {
        return parts;
    }

    @Override
    public List<Newcomer> newcomers() {
        world.pauseSometimes();
        return meetings.newcomers();
    }

    @Override
    public List<Newcomer> newcomersAtOthers() {
        world.pauseSometimes();
        return others().stream()
                .flatMap(name -> reached(name).stream())
                .flatMap(other -> other.meetings.newcomers().stream())
                .distinct()
                .toList();
    }

    private Optional<SimulatedMember> reached(String name) {
        return Optional.ofNullable(world.named(name)).filter(other -> isUp && world.reaches(this, other));
    }

    @Override
    public Optional<MemberSet> membersAtLeader() {
        world.pauseSometimes();
        if (parts.get(0).leads()) {
            return Optional.of(parts.get(0).configuration()).filter(MemberSet::settled);
        }
        List<LeaderHint> known = new ArrayList<>();
        LeaderHint hint = parts.get(0).leader();
        if (hint != null) {
            known.add(hint);
        }
        parts.forEach(part -> part.configuration().all().map(MembersSearch::at).forEach(known::add));
        Optional<MemberSet> members = MembersSearch.find(
                disk.self.id().name(), known, peer -> reached(peer.peerId()).map(SimulatedMember::said));
        world.pauseSometimes();
        return members;
    }

    private MembersSearch.Said said() {
        Part first = parts.get(0);
        return new MembersSearch.Said(first.configuration(), first.leads(), first.leader());
    }

    @Override
    public String releaseOf(PeerId peer) {
        return "";
    }

    @Override
    public CompletableFuture<byte[]> ask(FrameKind question, String other, byte[] body) {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        schedule(() -> answer.completeExceptionally(new IOException("no answer")), TimeUnit.SECONDS.toNanos(1));
        SimulatedMember there = world.named(other);
        if (there != null) {
            String from = SimulatedConfiguration.text(disk.self);
            world.send(this, SimulatedConfiguration.text(there.self()), asked -> {
                try {
                    byte[] said = asked.meetings.answer(from, question, body);
                    world.send(asked, from, back -> {
                        if (back == this) {
                            answer.complete(said);
                        }
                    });
                } catch (IOException refused) {
                    // It is not told.
                }
            });
        }
        return answer;
    }

    /** As {@code NodeAtMeetings} has it. */
    @Override
    public Meeting introduction(String to) {
        NamedMember named = NamedMember.of(
                to,
                parts.stream().map(Part::configuration).toList(),
                disk.log(0).configurationIndex());
        boolean isFounder =
                disk.founders.stream().anyMatch(peer -> peer.id().name().equals(to));
        return new Meeting(
                initial().isEmpty() ? Meeting.NOBODY : LIST,
                disk.cluster == null ? Meeting.NOBODY : disk.cluster,
                true,
                disk.self,
                named.id(),
                named.configurationIndex(),
                isFounder ? disk.founders : List.of(),
                Supported.here());
    }

    @Override
    public Collection<String> others() {
        // Whoever starts it says where to find some.
        Set<String> names = new TreeSet<>();
        Stream.concat(
                        world.invariants.newest(0).current().all(),
                        parts.get(0).configuration().all())
                .forEach(peer -> names.add(peer.id().name()));
        names.remove(disk.self.id().name());
        return names;
    }

    @Override
    public Set<String> initial() {
        // One that was alone at first, and is not any more, has to be told so: else it would begin anew.
        Set<String> names = new TreeSet<>();
        if (world.founders.size() > 1) {
            world.founders.forEach(peer -> names.add(peer.id().name()));
        }
        return names.contains(disk.self.id().name()) ? names : Set.of();
    }

    @Override
    public boolean isNamed() {
        return parts.get(0).configuration().has(disk.self.id());
    }

    @Override
    public OptionalLong newestConfiguration() {
        int newest = disk.log(0).configurationIndex();
        return disk.isFounder() || (disk.wasMember() && newest >= 0) ? OptionalLong.of(newest) : OptionalLong.empty();
    }

    @Override
    public boolean answeredAnother(PeerId convener) {
        return false;
    }

    @Override
    public void answer(PeerId convener) {
        // There is a cluster already.
    }

    @Override
    public void belongTo(UUID cluster, List<Peer> founders) {
        world.invariants.check(
                cluster.equals(MembershipSimulation.CLUSTER), () -> "there is another cluster, founded by " + founders);
        disk.belongTo(cluster, founders);
    }

    @Override
    public void stranger(UUID other, boolean formed) {
        throw new AssertionError("a stranger: " + other);
    }

    @Override
    public void met(Meeting meeting) {
        // Nobody moves.
    }

    @Override
    public @Nullable String complaint(Meeting meeting) {
        return null;
    }

    @Override
    public void replacedBy(String named) {
        world.invariants.check(
                !world.invariants.newest(0).current().has(disk.self.id()),
                () -> disk.self.id() + " is told that it is no member, and is one");
        world.stop(this);
    }

    @Override
    public void failed(Throwable cause) {
        throw new AssertionError(cause);
    }

    @Override
    public String toString() {
        return SimulatedConfiguration.text(disk.self);
    }

    /** One group. */
    final class Part implements MemberControl.Group, SimulatedRaft.Surroundings {
        private static final MemberSet NOBODY = new MemberSet(List.of(), List.of(), false);

        private final int number;
        private final SimulatedRaft raft;

        /** How far each was when this peer last looked. */
        private final Map<PeerId, Long> seen = new HashMap<>();

        Part(int number) {
            this.number = number;
            this.raft = new SimulatedRaft(number, disk.self, disk.number, disk.log(number), this, world.invariants);
        }

        @Override
        public long nowMs() {
            return TimeUnit.NANOSECONDS.toMillis(nanoTime());
        }

        @Override
        public int random(int bound) {
            return world.random(bound);
        }

        @Override
        public void send(String to, Consumer<SimulatedRaft> message) {
            world.send(SimulatedMember.this, to, there -> {
                if (there.disk.cluster != null) {
                    message.accept(there.parts.get(number).raft);
                }
            });
        }

        @Override
        public boolean leads() {
            return isUp && raft.leads();
        }

        @Override
        public boolean hearsOfLeader() {
            return raft.leader() != null;
        }

        @Override
        public @Nullable LeaderHint leader() {
            String id = raft.leader();
            return id == null ? null : new LeaderHint(PeerId.nameIn(id), disk.self.client());
        }

        @Override
        public MemberSet configuration() {
            return disk.cluster == null ? NOBODY : raft.members();
        }

        @Override
        public long appliedIndex() {
            seen.put(disk.self.id(), raft.commit() * INDEXES_PER_ENTRY);
            return raft.commit() * INDEXES_PER_ENTRY;
        }

        @Override
        public CompletableFuture<Long> appliedIndexOf(Peer peer) {
            Part part = reachedPart(peer);
            if (part == null) {
                return CompletableFuture.failedFuture(new IOException("no answer"));
            }
            seen.put(peer.id(), part.raft.commit() * INDEXES_PER_ENTRY);
            return CompletableFuture.completedFuture(part.raft.commit() * INDEXES_PER_ENTRY);
        }

        private @Nullable Part reachedPart(Peer peer) {
            return reached(peer.id().name())
                    .filter(other -> other.toString().equals(SimulatedConfiguration.text(peer)))
                    .filter(other -> other.disk.cluster != null)
                    .map(other -> other.parts.get(number))
                    .orElse(null);
        }

        @Override
        public CompletableFuture<Void> change(MemberSet expected, MemberSet wanted) {
            world.pauseSometimes();
            if (!isUp) {
                return killed();
            }
            // What was decided for other members than there are is refused anyway.
            if (number == 0 && MemberSets.areSame(expected, configuration())) {
                checkPromoted(wanted);
            }
            CompletableFuture<Void> done = world.isBegun(wanted)
                    ? raft.change(expected, wanted)
                    : CompletableFuture.failedFuture(new ChangeRefusedException("a disk was lost meanwhile"));
            world.await(CHANGE_MS, () -> !isUp || done.isDone());
            world.isOver(wanted);
            if (!isUp || (done.isCompletedExceptionally() && !leads())) {
                return killed();
            }
            return done.isDone()
                    ? done
                    : CompletableFuture.failedFuture(new ChangeRefusedException("it takes too long"));
        }

        /** It wants to lead, and does not wait until the leader is away. */
        void depose() {
            raft.standAtOnce();
        }

        @Override
        public String toString() {
            return SimulatedMember.this + ": " + raft;
        }

        /** Who listened and is to vote was not far behind when this peer last looked. */
        private void checkPromoted(MemberSet wanted) {
            Set<PeerId> listeners = MemberSets.ids(configuration().listeners());
            for (PeerId voter : MemberSets.ids(wanted.voters())) {
                world.invariants.check(
                        !listeners.contains(voter)
                                || seen.getOrDefault(disk.self.id(), 0L) - seen.getOrDefault(voter, -1L)
                                        <= ChangePlan.LAG_MAX,
                        () -> voter + " is to vote, and is far behind");
            }
        }

        /** Whoever waits for this is over. */
        private <T> CompletableFuture<T> killed() {
            Thread.currentThread().interrupt();
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Boolean> transferLeadership(Peer to, Duration timeout) {
            world.pauseSometimes();
            send(SimulatedConfiguration.text(to), SimulatedRaft::standAtOnce);
            world.await(timeout.toMillis() + 1000, () -> !isUp || !raft.leads());
            if (!isUp) {
                return killed();
            }
            Part part = reachedPart(to);
            return CompletableFuture.completedFuture(part != null && part.leads());
        }
    }
}
