package dev.holdfast.node;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.node.gateway.Gateway;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.internal.access.Mandate;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.port.Door;
import dev.holdfast.node.internal.ratis.GroupListener;
import dev.holdfast.node.internal.ratis.PeerState;
import dev.holdfast.node.internal.ratis.RatisGroup;
import dev.holdfast.node.internal.release.Activation;
import dev.holdfast.node.internal.release.MemberReleases;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.QueryThread;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.leader.RoundMeter;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This peer's part in one of the groups that the cluster's locks are spread over: its state, its leadership, its gateway. */
final class NodeGroup implements GroupListener {
    private static final Logger LOG = LoggerFactory.getLogger(NodeGroup.class);
    private static final int LOCKABLES_PER_TURN = 2048;
    private static final MemberSet NOBODY = new MemberSet(List.of(), List.of(), false);

    /** What a group tells its node. Calls are quick. */
    interface Host {
        boolean isRunning();

        void leading(NodeGroup group, boolean now);

        void snapshotInstalled();

        /** A snapshot was written, which took that long. */
        void snapshotWritten(long nanos);

        /** The log was synced, which took that long. */
        void synced(long nanos);

        /** How long the batches take that this peer answers as a leader. */
        RoundMeter rounds();

        /** Those are the members, from some entry on that was applied. */
        void configured(NodeGroup group, MemberSet members);

        void ended(NodeGroup group, Throwable cause);

        void failed(Throwable cause);
    }

    private record Switch(LeaderTerm of) implements Activation.Term {
        @Override
        public int semantics() {
            return of.semantics();
        }

        @Override
        public void activate(int semantics) {
            of.activate(semantics);
        }
    }

    private final String name;
    private final Host host;
    private final Timers timers;
    private final QueryThread queries;
    private final long stateBytesMax;
    private final MemberReleases releases;
    private final AtomicReference<@Nullable Activation> activation = new AtomicReference<>();
    private final Replica replica;
    private final AuditLog audit;
    private final LocalLeader local;
    private final Door door;
    private final Gateway gateway;
    private final NodeAccess access;
    private final Supplier<RemoteOptions> options;
    private final ScheduledExecutorService requestTimers;
    private final String selfId;
    private final GroupHealth health;
    private volatile @Nullable RatisGroup ratis;

    /** To whom this peer is handing its leadership, or did last. */
    private volatile @Nullable LeaderHint successor;

    /**
     * A group that is not connected to its log yet.
     *
     * @param options how this peer reaches the others
     * @param access what callers reach of this group
     * @param requestTimers where requests to other peers time out
     * @param queries where this peer answers queries when it leads
     * @param stateBytesMax how many bytes the group's state may take, if this peer leads
     * @param historyBytes about how many bytes it takes at most to remember what happened to its locks
     * @param releases what the members' releases know
     */
    NodeGroup(
            int number,
            int groups,
            Member self,
            Supplier<RemoteOptions> options,
            NodeAccess access,
            Timers timers,
            ScheduledExecutorService requestTimers,
            QueryThread queries,
            long stateBytesMax,
            int historyBytes,
            MemberReleases releases,
            Host host) {
        this.name = groups == 1 ? "Peer " + self.id() : "Peer " + self.id() + ", group " + number + ",";
        this.selfId = self.id();
        this.host = host;
        this.timers = timers;
        this.queries = queries;
        this.stateBytesMax = stateBytesMax;
        this.replica = new Replica(historyBytes);
        this.releases = releases;
        this.local = new LocalLeader(number, groups);
        this.door = access.door(local);
        this.access = access;
        this.options = () -> options.get().withGroup(number);
        this.requestTimers = requestTimers;
        this.gateway = gateway(access.embedded(local), access::identified);
        this.audit = new AuditLog(number, replica);
        this.health = new GroupHealth(new HealthView(), selfId, groups == 1 ? "" : " of group " + number, timers);
        replica.onApplied(this::applied);
    }

    /** The way to this group's leader for somebody who came by another door than the port for clients. */
    Gateway forVisitor(Mandate whom) {
        return gateway(access.visiting(local, whom), (remote, member) -> access.onBehalf(remote, member, whom));
    }

    /** @param identified adds to how a member is reached what says on whose behalf */
    private Gateway gateway(Transport atThisPeer, BiFunction<RemoteOptions, String, RemoteOptions> identified) {
        return new Gateway(
                selfId,
                local,
                atThisPeer,
                this::leader,
                memberId -> identified.apply(options.get(), memberId),
                requestTimers);
    }

    /** Connects it to its log. Called once, before the log is started: when the peer has a cluster. */
    void connect(RatisGroup log) {
        this.ratis = log;
    }

    private RatisGroup ratis() {
        RatisGroup connected = ratis;
        if (connected == null) {
            throw new IllegalStateException(name + " has no cluster yet");
        }
        return connected;
    }

    private void applied(Applied applied) {
        LeaderTerm term = local.term();
        if (term != null) {
            term.applied(applied);
        }
        audit.applied(term != null);
    }

    private final class HealthView implements GroupHealth.View {
        @Override
        public boolean isLed() {
            return NodeGroup.this.isLed();
        }

        @Override
        public @Nullable String leader() {
            LeaderHint known = NodeGroup.this.leader();
            return known == null ? null : known.peerId();
        }

        @Override
        public long applied() {
            return appliedIndex();
        }

        @Override
        public long committed() {
            return state().committedIndex();
        }

        @Override
        public long last() {
            return state().lastIndex();
        }

        @Override
        public CompletableFuture<Long> appliedBy(String member) {
            RatisGroup connected = ratis;
            Peer peer = configuration().named(member);
            return connected == null || peer == null
                    ? CompletableFuture.failedFuture(new IllegalStateException("there is no member " + member))
                    : connected.appliedIndexOf(peer.id());
        }
    }

    /** How this peer keeps up in the group. */
    GroupHealth health() {
        return health;
    }

    Replica replica() {
        return replica;
    }

    LocalLeader local() {
        return local;
    }

    /** What clients on the network reach. */
    Door door() {
        return door;
    }

    Gateway gateway() {
        return gateway;
    }

    /** @throws IllegalStateException if it is not connected to one yet */
    RatisGroup log() {
        return ratis();
    }

    /** Whether it is connected to its log. */
    boolean hasLog() {
        return ratis != null;
    }

    /** The members, as far as this peer knows; none if it knows of none. */
    MemberSet configuration() {
        RatisGroup connected = ratis;
        return connected == null ? NOBODY : connected.configuration();
    }

    /** This peer's part in the group. */
    PeerState state() {
        RatisGroup connected = ratis;
        return connected == null ? PeerState.STOPPED : connected.state();
    }

    /** Up to where this peer has applied the log, with the entries that are no commands; -1 if it never did. */
    long appliedIndex() {
        RatisGroup connected = ratis;
        return connected == null ? -1 : connected.appliedIndex();
    }

    /**
     * Who leads, as far as this peer knows. If it has just handed its leadership over, that is whom it gave it to, even before that one
     * has said so: callers need not try the others first.
     */
    @Nullable
    LeaderHint leader() {
        RatisGroup connected = ratis;
        LeaderHint known = connected == null ? null : connected.leader();
        if (known != null && !known.peerId().equals(selfId)) {
            successor = null;
            return known;
        }
        LeaderHint named = successor;
        return named == null ? known : named;
    }

    /** The file of the newest snapshot; {@code null} if there is none. */
    @Nullable
    Path latestSnapshot() {
        RatisGroup connected = ratis;
        return connected == null ? null : connected.latestSnapshot();
    }

    /**
     * About how many bytes of log this peer is behind the leader: the entries, as large as those that it applied last; -1 if it is not known.
     */
    long lagBytes() {
        long entries = health.lag();
        RatisGroup connected = ratis;
        long entryBytes = connected == null ? 0 : connected.entryBytes();
        return entries <= 0 ? entries : entryBytes == 0 ? -1 : entries * entryBytes;
    }

    /**
     * For how long the one who waits longest has waited, in milliseconds, if this peer leads; else 0. Takes time in proportion to the
     * lockables, in short turns under the replica's lock.
     */
    long longestWaitMs() {
        LeaderTerm term = local.term();
        if (term == null) {
            return 0;
        }
        long since = LogTime.NEVER;
        LockMachine.LongestWait part = new LockMachine.LongestWait(since, null);
        do {
            LockableKey after = part.last();
            part = replica.read(machine -> machine.longestWait(after, LOCKABLES_PER_TURN));
            since = Math.min(since, part.sinceMs());
        } while (part.last() != null);
        return since == LogTime.NEVER ? 0 : Math.max(0, term.logTimeMs() - since);
    }

    /** How many sessions each principal has, if this peer leads; else nothing. */
    Map<String, Long> sessionsByPrincipal() {
        LeaderTerm term = local.term();
        return term == null ? Map.of() : term.sessionsByPrincipal();
    }

    /** Whether this peer leads and serves. */
    boolean isLed() {
        return local.term() != null;
    }

    @Override
    public void leaderReady(long term) {
        if (!host.isRunning()) {
            return;
        }
        LOG.info("{} leads term {}", name, term);
        successor = null;
        boolean isNew = replica.read(LockMachine::isNew);
        LeaderTerm serving = new LeaderTerm(term, replica, ratis(), timers, queries, host.rounds());
        local.begin(serving);
        // Not here: it appends to the log, for which it may have to wait for a thread that waits for this one.
        timers.schedule(() -> serving.boundState(stateBytesMax), 0);
        activate(new Activation(ProtocolVersion.SEMANTICS, isNew, releases, new Switch(serving), timers));
        host.leading(this, true);
        if (!ratis().leads(term)) {
            // Deposed meanwhile, and perhaps told so before the term began here.
            notLeader();
        }
    }

    /** What callers ask from now on waits for the new leader, and is then refused with its name. */
    @Override
    public void handingOver(LeaderHint to) {
        LeaderTerm term = local.term();
        if (term != null) {
            term.hold();
            successor = to;
        }
    }

    @Override
    public void keepsLeading() {
        successor = null;
        LeaderTerm term = local.term();
        if (term != null) {
            term.resume();
        }
    }

    private void activate(@Nullable Activation next) {
        Activation before = activation.getAndSet(next);
        if (before != null) {
            before.close();
        }
        if (next != null) {
            next.start();
        }
    }

    @Override
    public void notLeader() {
        activate(null);
        local.end();
        host.leading(this, false);
    }

    @Override
    public void configured(MemberSet members) {
        host.configured(this, members);
    }

    @Override
    public void snapshotInstalled(long index) {
        LOG.info("{} was behind all logs and continues from a snapshot at index {}", name, index);
        host.snapshotInstalled();
    }

    @Override
    public void synced(long nanos) {
        host.synced(nanos);
    }

    @Override
    public void snapshotWritten(long nanos) {
        host.snapshotWritten(nanos);
    }

    @Override
    public void ended(Throwable cause) {
        host.ended(this, cause);
    }

    @Override
    public void failed(Throwable cause) {
        host.failed(cause);
    }
}
