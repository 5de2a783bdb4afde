package dev.holdfast.node.internal.ratis;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.internal.leadership.Greeting;
import dev.holdfast.node.internal.leadership.Handover;
import dev.holdfast.node.internal.leadership.LeaderSpread;
import dev.holdfast.node.internal.leadership.LeaderWatch;
import dev.holdfast.node.internal.leadership.MajorityCount;
import dev.holdfast.node.internal.leadership.PeerProbe;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.node.leader.NotLeading;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.protocol.Batch;
import dev.holdfast.statemachine.Applied;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This peer's part in one Raft group: its log and its leadership.
 *
 * <p>Leadership is confirmed by asking the other peers for their terms, not by Ratis's ReadIndex: that one answers without
 * a round of heartbeats while nothing new was committed since the last one, so a deposed leader would confirm itself.
 *
 * <p>See {@code docs/adr/001-confirm-leadership-by-term-probe.md}.
 */
public final class RatisGroup implements ReplicatedLog, LeaderSpread.Group {
    private static final Logger LOG = LoggerFactory.getLogger(RatisGroup.class);

    private static final Batch NOTHING = new Batch(List.of(), List.of());
    private static final long NUDGE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final MemberSet NOBODY = new MemberSet(List.of(), List.of(), false);

    private final RaftGroup group;
    private final RaftGroupId groupId;
    private final RaftPeerId selfId;
    private final ClientId clientId;
    private final AtomicLong callIds = new AtomicLong();
    private final PeerProbe probe;
    private final DecodedEntries decoded;
    private final AddressBook addresses;
    private final Timers timers;
    private final GroupListener listener;
    private final RaftServer server;
    private final RatisFollower follower;
    private final LeaderWatch leaderWatch;
    private final Handover handover;
    private final Candidacy candidacy;
    private volatile boolean isReadable;

    RatisGroup(
            RaftGroup group,
            RaftServer server,
            PeerProbe probe,
            DecodedEntries decoded,
            AddressBook addresses,
            GroupListener listener,
            RaftSettings settings,
            Timers timers) {
        this.group = group;
        this.groupId = group.getGroupId();
        this.server = server;
        this.selfId = server.getId();
        this.clientId = ClientId.randomId();
        this.probe = probe;
        this.decoded = decoded;
        this.addresses = addresses;
        this.timers = timers;
        this.listener = listener;
        this.candidacy = new Candidacy(server, groupId);
        this.follower = new RatisFollower(
                server, groupId, settings.electionTimeoutMinMs(), candidacy::mayStand, this::majorityMissesLeader);
        this.leaderWatch = new LeaderWatch(follower, Duration.ofMillis(settings.electionTimeoutMinMs()), timers);
        this.handover = new Handover(this::otherVoters, this::leads, this::appliedIndexOf, this::transferLeadership);
    }

    /** Makes the running server take part in the group as well. */
    void join() throws IOException {
        try {
            server.groupManagement(GroupManagementRequest.newAdd(
                    clientId, selfId, callIds.incrementAndGet(), group, /* format= */ false));
        } catch (CompletionException e) {
            throw new IOException("group " + groupId + " cannot be started: " + e.getCause(), e);
        }
    }

    @Override
    public UUID id() {
        return groupId.getUuid();
    }

    @Override
    public CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
        RaftClientRequest request = RaftClientRequest.newBuilder()
                .setClientId(clientId)
                .setServerId(selfId)
                .setGroupId(groupId)
                .setCallId(callIds.incrementAndGet())
                .setMessage(EntryMessage.of(new LogEntry(term, stampMs, batch)))
                .setType(RaftClientRequest.writeRequestType())
                .build();
        try {
            // The division itself: the server in front of it would hand the request to a pool first.
            return ((RaftClientAsynchronousProtocol) division())
                    .submitClientRequestAsync(request)
                    .handle(RatisGroup::toApplied);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(
                    new TransportException(Kind.OUTCOME_UNKNOWN, "the log did not take the entry: " + e, e));
        }
    }

    private static Applied toApplied(@Nullable RaftClientReply reply, @Nullable Throwable failure) {
        if (reply != null && reply.isSuccess() && reply.getMessage() instanceof AppliedMessage message) {
            return message.applied();
        }
        Throwable cause = reply == null ? failure : reply.getException();
        if (cause instanceof LeaderSteppingDownException) {
            throw NotLeading.because("this peer is handing its leadership over", cause);
        }
        String message = "the log did not confirm the entry: " + cause;
        // A pending entry of a deposed leader may still be committed by its successor.
        throw cause == null
                ? new TransportException(Kind.OUTCOME_UNKNOWN, message)
                : new TransportException(Kind.OUTCOME_UNKNOWN, message, cause);
    }

    @Override
    public CompletableFuture<Void> confirmLeadership(long term) {
        return leads(term) ? majorityOf(peer -> knowsNoLaterTerm(peer, term)) : NotLeading.failed();
    }

    /**
     * Asked of a majority, this confirms leadership. A peer that says "no later than this term" had not voted in a later one
     * by then. A later leader needs the votes of a majority, and any two majorities share a peer. So a later leader can only
     * have been elected after this was said, which was after it was asked.
     */
    private CompletableFuture<Boolean> knowsNoLaterTerm(RaftPeer peer, long term) {
        return probe.greet(peer.getId().toString(), new Greeting(id(), term, appliedIndex()))
                .thenApply(greeting -> greeting.group().equals(id()) && greeting.term() <= term);
    }

    private CompletableFuture<Void> majorityMissesLeader(long term) {
        Greeting question = new Greeting(id(), term, appliedIndex());
        return majorityOf(peer -> probe.missLeader(peer.getId().toString(), question)
                .thenApply(yes -> yes.group().equals(id())));
    }

    /** Completes when a majority of each configuration, with this peer, has said yes; fails when that cannot be any more. */
    private CompletableFuture<Void> majorityOf(Function<RaftPeer, CompletableFuture<Boolean>> question) {
        RaftConfiguration configuration;
        try {
            configuration = division().getRaftConf();
        } catch (IOException e) {
            return NotLeading.failed();
        }
        CompletableFuture<Void> ofCurrent = majorityOf(configuration.getCurrentPeers(), question);
        Collection<RaftPeer> previous = configuration.getPreviousPeers();
        return previous.isEmpty() ? ofCurrent : ofCurrent.thenCombine(majorityOf(previous, question), (a, b) -> null);
    }

    private CompletableFuture<Void> majorityOf(
            Collection<RaftPeer> peers, Function<RaftPeer, CompletableFuture<Boolean>> question) {
        MajorityCount count = new MajorityCount(peers.size());
        for (RaftPeer peer : peers) {
            if (peer.getId().equals(selfId)) {
                count.yes();
                continue;
            }
            question.apply(peer).whenComplete((yes, failure) -> {
                if (failure == null && yes) {
                    count.yes();
                } else {
                    count.no(failure);
                }
            });
        }
        return count.result();
    }

    /** Ratis has taken a message of a leader: entries, or a piece of a snapshot. */
    void onLeaderHeard() {
        candidacy.look();
    }

    /** A stream of entries from another peer ended, perhaps this group's. */
    void onStreamEnded() {
        leaderWatch.onStreamEnded();
    }

    /** Whether this peer would rather have another leader than that of the given term. */
    boolean missesLeader(long term) {
        return follower.missesLeader(term);
    }

    /** The latest term that this peer knows; 0 if it does not run. */
    long knownTerm() {
        try {
            return division().getInfo().getCurrentTerm();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Whether this peer's log has exactly that entry, and so, as logs in Raft do, everything before it. */
    boolean hasInLog(TermIndex entry) {
        try {
            return division().getRaftLog().contains(entry);
        } catch (IOException e) {
            return false;
        }
    }

    /** Where entries are kept from when they come until they are applied. */
    DecodedEntries decoded() {
        return decoded;
    }

    /** What this peer tells others of itself. */
    Greeting greeting() {
        try {
            DivisionInfo info = division().getInfo();
            if (info.getLifeCycleState() == LifeCycle.State.RUNNING) {
                return new Greeting(id(), info.getCurrentTerm(), info.getLastAppliedIndex());
            }
        } catch (IOException e) {
            LOG.debug("greeted before the start", e);
        }
        // Its term may not be loaded yet, and before it stopped it may have voted in any: that confirms nobody.
        return new Greeting(id(), Long.MAX_VALUE, -1);
    }

    /** The index up to which this peer has applied the log, with Ratis's own entries; -1 if it has none. */
    @Override
    public long appliedIndex() {
        try {
            return division().getInfo().getLastAppliedIndex();
        } catch (IOException e) {
            return -1;
        }
    }

    /** The index up to which that member has applied the log, at some time after this call. Fails if it does not say. */
    @Override
    public CompletableFuture<Long> appliedIndexOf(Member member) {
        Peer peer = configuration().named(member.id());
        if (peer == null) {
            return CompletableFuture.failedFuture(new IOException("there is no member " + member.id()));
        }
        return appliedIndexOf(peer.id());
    }

    /** The same of a peer that may be no member yet. */
    public CompletableFuture<Long> appliedIndexOf(PeerId peer) {
        return probe.greet(peer.toString(), greeting()).thenApply(greeting -> {
            if (!greeting.group().equals(id())) {
                throw new IllegalStateException(peer.name() + " is not of this group");
            }
            return greeting.applied();
        });
    }

    /** Up to which index the log is committed, and on this peer's disk; -1 if it does not run. */
    long acknowledgedIndex() {
        try {
            RaftLog log = division().getRaftLog();
            return Math.min(log.getFlushIndex(), log.getLastCommittedIndex());
        } catch (IOException e) {
            return -1;
        }
    }

    /** Who leads, as far as this peer knows, and where it serves clients; {@code null} if this peer knows of no leader. */
    public @Nullable LeaderHint leader() {
        try {
            RaftPeerId leader = division().getInfo().getLeaderId();
            if (leader == null) {
                return null;
            }
            return hint(PeerId.nameIn(leader.toString()));
        } catch (IOException e) {
            return null;
        }
    }

    private @Nullable LeaderHint hint(String name) {
        Member member = addresses.of(name);
        return member == null ? null : new LeaderHint(member.id(), member.clientAddress());
    }

    /**
     * The members, as the newest configuration in this peer's log names them, and where they are as far as this peer knows; none if it
     * knows of none, as one that was not let in yet.
     */
    public MemberSet configuration() {
        try {
            RaftServer.Division division = division();
            RaftConfiguration configuration = division.getRaftConf();
            boolean committed = division.getRaftLog().getLastCommittedIndex() >= configuration.getLogEntryIndex();
            MemberSet named = RaftPeers.toMemberSet(configuration, committed);
            return new MemberSet(
                    named.voters().stream().map(this::whereItIs).toList(),
                    named.listeners().stream().map(this::whereItIs).toList(),
                    named.settled());
        } catch (IOException | IllegalStateException e) {
            LOG.debug("the members of group {} are not known", groupId, e);
            return NOBODY;
        }
    }

    /** It may have moved since the configuration was written. */
    private Peer whereItIs(Peer peer) {
        Member member = addresses.of(peer.id().name());
        return member == null ? peer : Peer.of(peer.id(), member);
    }

    /** The index of the entry with that configuration; -1 if there is none. */
    public long configurationIndex() {
        try {
            return division().getRaftConf().getLogEntryIndex();
        } catch (IOException | IllegalStateException e) {
            return -1;
        }
    }

    /**
     * Whether that peer is a member by the newest configuration in this peer's log, or by the one that it is about to replace. Everybody
     * may be, as long as this peer knows of no configuration.
     */
    boolean mayHaveMember(String id) {
        try {
            RaftConfiguration configuration = division().getRaftConf();
            Collection<RaftPeer> voters = configuration.getAllPeers();
            return voters.isEmpty()
                    || Stream.concat(voters.stream(), configuration.getAllPeers(RaftPeerRole.LISTENER).stream())
                            .anyMatch(peer -> peer.getId().toString().equals(id));
        } catch (IOException | IllegalStateException e) {
            return false;
        }
    }

    /** The members that may lead, this one among them. */
    List<Member> voters() {
        return configuration().voters().stream().map(Peer::member).toList();
    }

    private List<Member> otherVoters() {
        return configuration().voters().stream()
                .filter(peer -> !peer.id().toString().equals(selfId.toString()))
                .map(Peer::member)
                .toList();
    }

    /**
     * Changes the members, by the two steps of Raft's joint consensus; only the leader can. Peers that are new are brought up to date
     * first. Nothing blocks.
     *
     * @param expected the members now; if they are others, nothing is changed
     * @return completes when the new members are committed. Fails with a {@link ChangeRefusedException}; if that says that the outcome is
     *     not known, whoever leads next completes the change or undoes it
     */
    public CompletableFuture<Void> change(MemberSet expected, MemberSet wanted) {
        SetConfigurationRequest request = new SetConfigurationRequest(
                clientId,
                selfId,
                groupId,
                callIds.incrementAndGet(),
                SetConfigurationRequest.Arguments.newBuilder()
                        .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                        .setServersInCurrentConf(RaftPeers.of(expected.voters()))
                        .setListenersInCurrentConf(RaftPeers.of(expected.listeners()))
                        .setServersInNewConf(RaftPeers.of(wanted.voters()))
                        .setListenersInNewConf(RaftPeers.of(wanted.listeners()))
                        .build());
        CompletableFuture<RaftClientReply> reply;
        try {
            reply = server.setConfigurationAsync(request);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(Changes.refusal(e));
        }
        nudgeUntil(reply);
        return reply.handle((done, failure) -> {
            Throwable cause = failure != null ? failure : done.getException();
            if (cause != null || !done.isSuccess()) {
                throw new CompletionException(Changes.refusal(cause));
            }
            return null;
        });
    }

    /**
     * A newcomer counts as up to date once it acknowledges an entry. One that has everything already, since it was brought up to date for a
     * change that failed, has none left to acknowledge. So the leader appends an empty one now and then, until the change is done.
     */
    private void nudgeUntil(CompletableFuture<?> changed) {
        timers.schedule(
                () -> {
                    if (!changed.isDone() && leads()) {
                        var unused = append(knownTerm(), 0, NOTHING);
                        nudgeUntil(changed);
                    }
                },
                NUDGE_NANOS);
    }

    /** This peer's part in the group. */
    public PeerState state() {
        try {
            RaftServer.Division division = division();
            DivisionInfo info = division.getInfo();
            RaftLog log = division.getRaftLog();
            TermIndex last = log.getLastEntryTermIndex();
            return new PeerState(
                    switch (info.getCurrentRole()) {
                        case LEADER -> PeerState.Role.LEADER;
                        case FOLLOWER -> PeerState.Role.FOLLOWER;
                        case CANDIDATE -> PeerState.Role.CANDIDATE;
                        default -> PeerState.Role.NONE;
                    },
                    info.getCurrentTerm(),
                    info.getLeaderId() == null
                            ? null
                            : PeerId.nameIn(info.getLeaderId().toString()),
                    last == null ? info.getLastAppliedIndex() : last.getIndex(),
                    log.getLastCommittedIndex(),
                    info.getLastAppliedIndex());
        } catch (IOException | IllegalStateException e) {
            // Also while Ratis ends it: the log is closed, and its state is asked for.
            return PeerState.STOPPED;
        }
    }

    /**
     * Makes another member lead, if this one leads and another is up. Blocks until that is done, or the time is up. Nothing can be
     * written meanwhile, which the listener is told.
     */
    public void handLeadershipOver(Duration timeout) throws InterruptedException {
        handover.perform(timeout);
    }

    /** Has that member stand for election at once; tells whether it leads before the time is up. */
    @Override
    public CompletableFuture<Boolean> transferLeadership(Member member, Duration timeout) {
        Peer peer = configuration().named(member.id());
        if (peer == null) {
            return CompletableFuture.failedFuture(new IOException("there is no member " + member.id()));
        }
        if (peer.id().toString().equals(selfId.toString())) {
            return CompletableFuture.completedFuture(leads());
        }
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                clientId,
                selfId,
                groupId,
                callIds.incrementAndGet(),
                RaftPeerId.valueOf(peer.id().toString()),
                timeout.toMillis());
        LeaderHint successor = hint(member.id());
        if (successor != null) {
            listener.handingOver(successor);
        }
        return request(request).whenComplete((done, failure) -> {
            if (failure != null || !done) {
                listener.keepsLeading();
            }
        });
    }

    private CompletableFuture<Boolean> request(TransferLeadershipRequest request) {
        try {
            return server.transferLeadershipAsync(request).thenApply(RaftClientReply::isSuccess);
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Whether this peer leads. */
    @Override
    public boolean leads() {
        try {
            return division().getInfo().isLeader();
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether this peer leads, and in that term. */
    public boolean leads(long term) {
        try {
            DivisionInfo info = division().getInfo();
            return info.isLeader() && info.getCurrentTerm() == term;
        } catch (IOException e) {
            return false;
        }
    }

    private RaftServer.Division division() throws IOException {
        RaftServer.Division division = server.getDivision(groupId);
        if (!isReadable) {
            checkReadable(division);
            isReadable = true;
        }
        return division;
    }

    /** While Ratis reads the log, it throws whatever it is asked. */
    private static void checkReadable(RaftServer.Division division) throws IOException {
        try {
            var unused =
                    division.getRaftLog().getNextIndex() + division.getInfo().getLastAppliedIndex();
        } catch (IllegalStateException e) {
            throw new IOException("it is starting", e);
        }
    }

    /** The file of the newest snapshot; {@code null} if there is none, or this peer does not run. */
    public @Nullable Path latestSnapshot() {
        try {
            SnapshotInfo latest = division().getStateMachine().getLatestSnapshot();
            return latest == null || latest.getFiles().isEmpty()
                    ? null
                    : latest.getFiles().get(0).getPath();
        } catch (IOException e) {
            return null;
        }
    }

    /** How large the entries are that were applied last, on average; 0 if there were none, or this peer does not run. */
    public long entryBytes() {
        try {
            return division().getStateMachine() instanceof RatisStateMachine machine ? machine.entryBytes() : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    RaftGroupId raftGroupId() {
        return groupId;
    }

    /**
     * Ratis's own.
     *
     * @throws IllegalStateException if it could not be read
     */
    RaftLog log() throws IOException {
        return division().getRaftLog();
    }

    /** Called right before the server is closed. */
    void close() {
        leaderWatch.close();
        try {
            LogCacheEviction.end(log());
        } catch (IOException | IllegalStateException e) {
            LOG.debug("group {} is not at work, or was never", groupId, e);
        }
    }
}
