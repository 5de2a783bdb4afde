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
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.node.leader.NotLeading;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.protocol.Batch;
import dev.holdfast.statemachine.Applied;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
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

    private final RaftGroup group;
    private final RaftGroupId groupId;
    private final RaftPeerId selfId;
    private final ClientId clientId;
    private final AtomicLong callIds = new AtomicLong();
    private final PeerProbe probe;
    private final DecodedEntries decoded;
    private final List<Member> members;
    private final RaftServer server;
    private final RatisFollower follower;
    private final LeaderWatch leaderWatch;
    private final Handover handover;

    RatisGroup(
            RaftGroup group,
            RaftServer server,
            PeerProbe probe,
            DecodedEntries decoded,
            Member self,
            List<Member> members,
            RaftSettings settings,
            Timers timers) {
        this.group = group;
        this.groupId = group.getGroupId();
        this.server = server;
        this.selfId = server.getId();
        this.clientId = ClientId.randomId();
        this.probe = probe;
        this.decoded = decoded;
        this.members = List.copyOf(members);
        this.follower = new RatisFollower(server, groupId, settings.electionTimeoutMinMs(), this::majorityMissesLeader);
        this.leaderWatch = new LeaderWatch(follower, Duration.ofMillis(settings.electionTimeoutMinMs()), timers);
        List<Member> others =
                members.stream().filter(member -> !member.equals(self)).toList();
        this.handover = new Handover(others, this::leads, this::appliedIndexOf, this::transferLeadership);
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
        return probe.greet(member.id(), greeting()).thenApply(greeting -> {
            if (!greeting.group().equals(id())) {
                throw new IllegalStateException(member.id() + " is not of this group");
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
            return leader == null
                    ? null
                    : members.stream()
                            .filter(member -> member.id().equals(leader.toString()))
                            .findFirst()
                            .map(member -> new LeaderHint(member.id(), member.clientAddress()))
                            .orElse(null);
        } catch (IOException e) {
            return null;
        }
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
                    info.getLeaderId() == null ? null : info.getLeaderId().toString(),
                    last == null ? info.getLastAppliedIndex() : last.getIndex(),
                    log.getLastCommittedIndex(),
                    info.getLastAppliedIndex());
        } catch (IOException e) {
            return PeerState.STOPPED;
        }
    }

    /**
     * Makes another member lead, if this one leads and another is up. Blocks until that is done, or the time is up. Writes
     * that arrive meanwhile fail as at a peer that does not lead.
     */
    public void handLeadershipOver(Duration timeout) throws InterruptedException {
        handover.perform(timeout);
    }

    /** Has that member stand for election at once; tells whether it leads before the time is up. */
    @Override
    public CompletableFuture<Boolean> transferLeadership(Member member, Duration timeout) {
        TransferLeadershipRequest request = new TransferLeadershipRequest(
                clientId,
                selfId,
                groupId,
                callIds.incrementAndGet(),
                RaftPeerId.valueOf(member.id()),
                timeout.toMillis());
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
        return server.getDivision(groupId);
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
