package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.statemachine.JoinToken;
import dev.holdfast.statemachine.LockMachine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A cluster as changes of members see it. Configurations are committed at once, if a majority is up, old and new. */
public final class FakeCluster {
    final List<FakeGroup> groups;
    final Set<PeerId> silent = new HashSet<>();
    final Set<PeerId> behind = new HashSet<>();

    /** Those that do not hear of the first group any more, with what they knew of it last. */
    final Map<PeerId, MemberSet> cutOff = new HashMap<>();

    final List<Newcomer> newcomers = new ArrayList<>();
    final List<Newcomer> elsewhere = new ArrayList<>();
    public final LockMachine machine = new LockMachine();
    long nowMs = 1000;

    /** Whether nothing can be recorded in the audit, though all else can be committed. */
    public boolean auditIsBroken;

    /** What happens, once, between a look at the members and what is done about them. */
    Runnable meanwhile = () -> {};

    /** The first of the voters leads all groups. */
    public FakeCluster(int groups, String... voters) {
        this(ProtocolVersion.SEMANTICS, groups, voters);
    }

    /** One whose members are not all of this release. */
    public static FakeCluster withSemantics(int semantics, String... voters) {
        return new FakeCluster(semantics, 1, voters);
    }

    private FakeCluster(int semantics, int groups, String... voters) {
        List<Peer> peers = Arrays.stream(voters).map(FakeCluster::peer).toList();
        this.groups = IntStream.range(0, groups)
                .mapToObj(number -> new FakeGroup(new MemberSet(peers, List.of(), true)))
                .toList();
        apply(new Command.Activate(semantics));
    }

    /** {@code name} or {@code name@digit}: the incarnation that consists of that digit. Its ports follow from the name. */
    static Peer peer(String text) {
        String[] parts = (text.contains("@") ? text : text + "@1").split("@");
        int port = 7000 + 10 * parts[0].charAt(0);
        return new Peer(
                new PeerId(parts[0], parts[1].repeat(16)),
                new HostPort("127.0.0.1", port),
                new HostPort("127.0.0.1", port + 1));
    }

    static List<Peer> peers(String... texts) {
        return Arrays.stream(texts).map(FakeCluster::peer).toList();
    }

    static MemberSet members(String[] voters, String... listeners) {
        return new MemberSet(peers(voters), peers(listeners), true);
    }

    static String[] voters(String... texts) {
        return texts;
    }

    public void present(String text) {
        newcomers.add(new Newcomer(peer(text), 10, "9.9"));
    }

    void present(String text, JoinSecret token) {
        newcomers.add(new Newcomer(peer(text), 10, "9.9", token.hash()));
    }

    void leave(String text) {
        newcomers.removeIf(newcomer -> newcomer.peer().id().equals(peer(text).id()));
    }

    public void silence(String text) {
        silent.add(peer(text).id());
    }

    void answerAgain(String text) {
        silent.remove(peer(text).id());
    }

    public MemberControl at(String text) {
        return new Control(peer(text));
    }

    private final Page page = new Page();

    /** The first group's join tokens; another changes them only where a majority is up. */
    public JoinBook joins(String at) {
        return () -> groups.get(0).leader.equals(peer(at).id()) ? page : null;
    }

    /** One log for all, which is a machine's. */
    private final class Page implements JoinBook.Page {
        @Override
        public boolean isOpen() {
            return machine.semantics() >= ProtocolVersion.JOIN_TOKENS;
        }

        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public CompletableFuture<Long> confirm() {
            FakeGroup first = groups.get(0);
            return first.commits(first.members)
                    ? CompletableFuture.completedFuture(nowMs)
                    : CompletableFuture.failedFuture(new IllegalStateException("no majority"));
        }

        @Override
        public List<JoinToken> tokens() {
            return machine.joinTokens();
        }

        @Override
        public List<AuditRecord> audit() {
            return machine.audit();
        }

        @Override
        public JoinToken find(String hash) {
            return machine.joinToken(hash);
        }

        @Override
        public CompletableFuture<Void> propose(Command.SystemCommand command) {
            FakeGroup first = groups.get(0);
            boolean isLost = auditIsBroken && command instanceof Command.RecordAudit;
            if (isLost || first.broken || !first.commits(first.members)) {
                return CompletableFuture.failedFuture(new IllegalStateException("no majority"));
            }
            apply(command);
            return CompletableFuture.completedFuture(null);
        }
    }

    void apply(Command.SystemCommand command) {
        machine.apply(machine.appliedIndex() + 1, nowMs, Batch.ofSystem(command));
    }

    public AutomaticChange admission(String text, String why) {
        return admission(text, why, () -> true);
    }

    public AutomaticChange admission(String text, String why, BooleanSupplier mayCome) {
        return AutomaticChange.admit(peer(text).id(), why, mayCome);
    }

    /** Whether no configuration is committed, though all else is. */
    public void breakConfigurations(boolean broken) {
        groups.get(0).configurationsBroken = broken;
    }

    /** The configurations that the first group had, but for the initial one. */
    public List<MemberSet> history() {
        return List.copyOf(groups.get(0).history);
    }

    final class FakeGroup {
        final List<MemberSet> history = new ArrayList<>();
        volatile MemberSet members;
        volatile PeerId leader;
        volatile boolean broken;
        volatile boolean configurationsBroken;

        FakeGroup(MemberSet members) {
            this.members = members;
            this.leader = members.voters().get(0).id();
        }

        boolean commits(MemberSet set) {
            long alive = set.voters().stream()
                    .filter(voter -> !silent.contains(voter.id()))
                    .count();
            return alive > set.voters().size() / 2;
        }
    }

    private final class Control implements MemberControl {
        private final Peer self;

        Control(Peer self) {
            this.self = self;
        }

        @Override
        public Peer self() {
            return self;
        }

        @Override
        public List<Part> groups() {
            return groups.stream().map(group -> new Part(self, group)).toList();
        }

        @Override
        public List<Newcomer> newcomers() {
            Runnable now = meanwhile;
            meanwhile = () -> {};
            now.run();
            return List.copyOf(newcomers);
        }

        @Override
        public List<Newcomer> newcomersAtOthers() {
            return List.copyOf(elsewhere);
        }

        @Override
        public Optional<MemberSet> membersAtLeader() {
            FakeGroup first = groups.get(0);
            return silent.contains(first.leader) || !first.members.settled()
                    ? Optional.empty()
                    : Optional.of(first.members);
        }

        @Override
        public String releaseOf(PeerId peer) {
            return "1.0";
        }
    }

    private final class Part implements MemberControl.Group {
        private final Peer self;
        private final FakeGroup group;

        Part(Peer self, FakeGroup group) {
            this.self = self;
            this.group = group;
        }

        @Override
        public boolean leads() {
            return group.leader.equals(self.id());
        }

        private boolean isCutOff() {
            return group == groups.get(0) && cutOff.containsKey(self.id());
        }

        @Override
        public boolean hearsOfLeader() {
            return !isCutOff();
        }

        @Override
        public LeaderHint leader() {
            return isCutOff()
                    ? null
                    : new LeaderHint(
                            group.leader.name(), peer(group.leader.name()).client());
        }

        @Override
        public MemberSet configuration() {
            return isCutOff() ? cutOff.get(self.id()) : group.members;
        }

        @Override
        public long appliedIndex() {
            return 5000;
        }

        @Override
        public CompletableFuture<Long> appliedIndexOf(Peer peer) {
            if (silent.contains(peer.id())) {
                return CompletableFuture.failedFuture(new IllegalStateException("silent"));
            }
            return CompletableFuture.completedFuture(behind.contains(peer.id()) ? 100L : 5000L);
        }

        @Override
        public CompletableFuture<Void> change(MemberSet expected, MemberSet wanted) {
            if (!leads() || group.broken || group.configurationsBroken || !group.members.settled()) {
                return refused("not now");
            }
            if (!MemberSets.areSame(group.members, expected)) {
                return refused("the members are others");
            }
            if (!group.commits(expected) || !group.commits(wanted)) {
                return refused("no majority");
            }
            long names = wanted.all().map(peer -> peer.id().name()).distinct().count();
            if (names != wanted.all().count()) {
                return refused("a name is there twice");
            }
            if (wanted.voters().stream().noneMatch(voter -> voter.id().equals(group.leader))) {
                return refused("the leader does not take away its own vote");
            }
            group.members = new MemberSet(wanted.voters(), wanted.listeners(), true);
            group.history.add(group.members);
            return CompletableFuture.completedFuture(null);
        }

        private CompletableFuture<Void> refused(String why) {
            return CompletableFuture.failedFuture(new ChangeRefusedException(why));
        }

        @Override
        public CompletableFuture<Boolean> transferLeadership(Peer to, Duration timeout) {
            boolean can = MemberSets.isVoter(group.members, to.id()) && !silent.contains(to.id());
            if (can) {
                group.leader = to.id();
            }
            return CompletableFuture.completedFuture(can);
        }
    }
}
