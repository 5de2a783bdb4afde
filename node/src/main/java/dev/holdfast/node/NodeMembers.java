package dev.holdfast.node;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.PeerMembersRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.Admissions;
import dev.holdfast.node.internal.membership.AutomaticChanges;
import dev.holdfast.node.internal.membership.JoinBook;
import dev.holdfast.node.internal.membership.JoinDesk;
import dev.holdfast.node.internal.membership.MemberChanger;
import dev.holdfast.node.internal.membership.MemberControl;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.MembersSearch;
import dev.holdfast.node.internal.membership.MoveAudit;
import dev.holdfast.node.internal.membership.Newcomer;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.membership.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that this peer does about members: lists them, changes them where it leads, keeps groups alike, and serves those who ask. */
final class NodeMembers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeMembers.class);
    private static final long IDLE_S = 10;

    private final Reconciler reconciler;
    private final ExecutorService worker;
    private final Admissions admissions;
    private final AutomaticChanges automaticChanges;
    private final ExecutorService automaticWorker;
    private final MembersService service;
    private final Membership membership;

    /**
     * Nothing works yet.
     *
     * @param self this peer, and where it is
     * @param addresses where members say that they are
     * @param newcomers who has presented itself
     * @param releases the release of the member of that name; empty if it is not known
     * @param introduce a reply that says which cluster and which peer this is
     * @param options how this peer reaches the others' ports for clients
     * @param automatic what is done without being asked for
     */
    NodeMembers(
            Peer self,
            List<NodeGroup> groups,
            AddressBook addresses,
            Supplier<List<Newcomer>> newcomers,
            Function<String, String> releases,
            Supplier<MembersReply.Builder> introduce,
            NodeAccess access,
            Supplier<RemoteOptions> options,
            AutomaticMembers automatic,
            Timers timers) {
        Function<String, RemoteOptions> toMember =
                name -> access.identified(options.get().withGroup(0), name);
        MemberControl control =
                new Control(self, groups.stream().map(Part::new).toList(), newcomers, releases, toMember);
        JoinBook book = new GroupJoinBook(groups.get(0));
        JoinDesk desk = new JoinDesk(book);
        AuditedChanger changer = new AuditedChanger(
                new MemberChanger(control, automatic.votersMax(), desk),
                desk,
                control.groups().get(0),
                new MemberAudit(book, control.groups().get(0), InstantSource.system()));
        this.worker = worker("holdfast-groups-follow");
        this.reconciler = new Reconciler(control, timers, worker);
        this.admissions = new Admissions(control, desk);
        // Not on the other's thread: a change waits until the groups have followed.
        this.automaticWorker = worker("holdfast-members-change");
        this.automaticChanges = AutomaticChanges.of(
                control,
                admissions,
                new MoveAudit(addresses, book),
                automatic.replaceLostDisk(),
                automatic.replaceAfter(),
                changer::perform,
                timers,
                automaticWorker);
        this.service = new MembersService(control, changer, introduce, access::isAdmin, access.refusals());
        this.membership = new Membership(control, changer, leader -> toMember.apply(leader.peerId()));
    }

    /** Does one thing after the other, on a thread that ends when there is nothing to do. */
    private static ExecutorService worker(String name) {
        ThreadPoolExecutor worker =
                new ThreadPoolExecutor(1, 1, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        worker.allowCoreThreadTimeOut(true);
        return worker;
    }

    void start() {
        reconciler.start();
        automaticChanges.start();
    }

    /** Why newcomers of that name have not been let in by their join tokens; only who leads says so. */
    Map<PeerId, String> verdicts(String name) {
        return admissions.verdicts(name);
    }

    /** What those reach who ask at the port for clients. */
    MembersService service() {
        return service;
    }

    Membership membership() {
        return membership;
    }

    /** Interrupts what is under way. */
    @Override
    public void close() {
        reconciler.close();
        automaticChanges.close();
        worker.shutdownNow();
        automaticWorker.shutdownNow();
        service.close();
    }

    /** @param toMember how to talk to that member's port for clients, as this one */
    private record Control(
            Peer self,
            List<Part> groups,
            Supplier<List<Newcomer>> presented,
            Function<String, String> releases,
            Function<String, RemoteOptions> toMember)
            implements MemberControl {
        private static final Duration ANSWER = Duration.ofSeconds(1);

        @Override
        public List<Newcomer> newcomers() {
            return presented.get();
        }

        @Override
        public Optional<MemberSet> membersAtLeader() {
            Part first = groups.get(0);
            if (first.leads()) {
                return Optional.of(first.configuration()).filter(MemberSet::settled);
            }
            List<LeaderHint> known = new ArrayList<>();
            LeaderHint leader = first.leader();
            if (leader != null) {
                known.add(leader);
            }
            groups.forEach(
                    group -> group.configuration().all().map(MembersSearch::at).forEach(known::add));
            return MembersSearch.find(self.id().name(), known, this::said);
        }

        @Override
        public List<Newcomer> newcomersAtOthers() {
            return groups.get(0)
                    .configuration()
                    .all()
                    .filter(peer -> !peer.id().equals(self.id()))
                    .flatMap(peer -> ask(peer.id().name(), peer.client()).stream())
                    .flatMap(answer -> peers(answer, MemberStatus.Role.NEWCOMER).stream())
                    .distinct()
                    .map(peer -> new Newcomer(peer, 0, ""))
                    .toList();
        }

        private Optional<MembersSearch.Said> said(LeaderHint peer) {
            return ask(peer.peerId(), peer.address()).map(answer -> {
                Optional<MemberStatus> leader = answer.members().stream()
                        .filter(member -> member.leads().contains(0))
                        .findFirst();
                return new MembersSearch.Said(
                        new MemberSet(
                                peers(answer, MemberStatus.Role.VOTER),
                                peers(answer, MemberStatus.Role.LISTENER),
                                answer.settled()),
                        leader.filter(member -> member.name().equals(answer.peerId()))
                                .isPresent(),
                        leader.map(member -> new LeaderHint(member.name(), member.clients()))
                                .orElse(null));
            });
        }

        private Optional<PeerMembersRequest.Answer> ask(String name, HostPort address) {
            RemoteOptions options = toMember.apply(name);
            try {
                PeerMembersRequest.Answer answer = PeerMembersRequest.members(
                        address, options.withConnectTimeout(ANSWER).withRequestTimeout(ANSWER.plus(ANSWER)));
                return Optional.of(answer).filter(any -> any.clusterId().equals(options.clusterId()));
            } catch (TransportException e) {
                LOG.debug("member {} does not say who the members are", name, e);
                return Optional.empty();
            }
        }

        private static List<Peer> peers(PeerMembersRequest.Answer answer, MemberStatus.Role role) {
            return answer.members().stream()
                    .filter(member -> member.role() == role)
                    .map(member ->
                            new Peer(new PeerId(member.name(), member.incarnation()), member.raft(), member.clients()))
                    .toList();
        }

        @Override
        public String releaseOf(PeerId peer) {
            return newcomers().stream()
                    .filter(newcomer -> newcomer.peer().id().equals(peer))
                    .map(Newcomer::release)
                    .findFirst()
                    .orElseGet(() -> releases.apply(peer.name()));
        }
    }

    /** One group. Before this peer has a cluster, it leads nothing and knows of nobody. */
    private record Part(NodeGroup group) implements MemberControl.Group {
        @Override
        public boolean leads() {
            return group.hasLog() && group.log().leads();
        }

        @Override
        public boolean hearsOfLeader() {
            return group.hasLog() && group.log().leader() != null;
        }

        @Override
        public @Nullable LeaderHint leader() {
            return group.leader();
        }

        @Override
        public MemberSet configuration() {
            return group.configuration();
        }

        @Override
        public long appliedIndex() {
            return group.appliedIndex();
        }

        @Override
        public CompletableFuture<Long> appliedIndexOf(Peer peer) {
            return group.hasLog() ? group.log().appliedIndexOf(peer.id()) : noCluster();
        }

        @Override
        public CompletableFuture<Void> change(MemberSet expected, MemberSet wanted) {
            return group.hasLog() ? group.log().change(expected, wanted) : noCluster();
        }

        @Override
        public CompletableFuture<Boolean> transferLeadership(Peer to, Duration timeout) {
            return group.hasLog() ? group.log().transferLeadership(to.member(), timeout) : noCluster();
        }

        private static <T> CompletableFuture<T> noCluster() {
            return CompletableFuture.failedFuture(new IOException("this peer has no cluster yet"));
        }
    }
}
