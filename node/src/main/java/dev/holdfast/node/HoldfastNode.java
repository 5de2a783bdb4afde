package dev.holdfast.node;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.client.v1.SecurityProto;
import dev.holdfast.node.gateway.LocalCluster;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.birth.Meetings;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.port.ClientPort;
import dev.holdfast.node.internal.ratis.RaftHost;
import dev.holdfast.node.internal.ratis.RatisPeer;
import dev.holdfast.node.internal.release.KnownReleases;
import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Identity;
import dev.holdfast.node.internal.transport.Lane;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.RefusedException;
import dev.holdfast.node.leader.QueryThread;
import dev.holdfast.node.leader.RoundMeter;
import dev.holdfast.protocol.Rule;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer of a Holdfast cluster inside this JVM, with a client at hand.
 *
 * <pre>{@code
 * try (HoldfastNode node = HoldfastNode.builder()
 *         .id("a")
 *         .members("a=127.0.0.1:7101:7201", "b=127.0.0.1:7102:7202", "c=127.0.0.1:7103:7203")
 *         .dataFolder(Path.of("data/a"))
 *         .start()) {
 *     HoldfastLock lock = node.client().createLock();
 *     ...
 * }
 * }</pre>
 *
 * <p>The client works the same whether this peer leads or follows, and keeps working through elections. A peer that
 * cannot go on, because its disk no longer takes the log, stops: it logs why and completes {@link #failure()}. Nothing was
 * acknowledged that is not durable on a majority.
 *
 * <p>All methods may be called from any thread.
 */
public final class HoldfastNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HoldfastNode.class);
    private static final long MEETING_MS = 1000;

    /** Of all groups, to remember what happened to their locks. Less where the heap is small. */
    private static final long HISTORY_BYTES_MAX = 8 << 20;

    private static final Duration HAND_OVER_TIMEOUT = Duration.ofSeconds(3);

    /** Other groups take a while to follow. After that it starts again: perhaps it was not removed after all. */
    private static final Duration REMOVAL_HEARD_OF_WITHIN = Duration.ofMinutes(1);

    private static final String OUT_OF_MEMORY =
            "it ran out of memory, or its Java runtime failed. What it acknowledged is"
                    + " durable on a majority. Give it more memory (-Xmx) and start it again";

    private static final String PART_ENDED =
            "its part in the cluster has ended, and nothing before that said why. What it"
                    + " acknowledged is durable on a majority. Start it again, and report this";

    private enum State {
        RUNNING,
        FAILED,
        CLOSED
    }

    private final HoldfastNodeBuilder settings;
    private final Member self;

    /** The same, where it listens. */
    private final Member listening;

    private final FolderLock lock;
    private final ClusterFolder folder;
    private final String clusterName;
    private final NodeTls tls;
    private final SecurityProto security;
    private final Strangers strangers;
    private final AddressBook addresses;
    private final Identity identity;
    private final RaftHost host;
    private final Members transport;
    private final Meetings meetings;
    private final NodeMembers nodeMembers;
    private final KnownReleases releases;
    private final NodeAccess access;
    private final List<NodeGroup> groups;
    private final Readiness readiness;
    private final SystemTimers systemTimers = new SystemTimers();
    private final Timers timers = new WatchedTimers(systemTimers, this::failedUnforeseen);
    private final QueryThread queries = new QueryThread("holdfast-queries");
    private final ScheduledExecutorService requestTimers = TimerThread.newDaemon("holdfast-requests");
    private final NodeMetrics metrics;
    private final ClientPort clientPort;
    private final ExpiryWatch expiries;
    private final HealthWatch health;
    private final SlowOperations slow;
    private final LocalCluster cluster;
    private final Visitors visitors;
    private final HoldfastClient client;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    /** Released when the node has failed or is closed. */
    private final CountDownLatch over = new CountDownLatch(1);

    /** Held while the peer begins to take part in its cluster. */
    private final Object beginning = new Object();

    /** Its part in the cluster; {@code null} as long as it has none. */
    private volatile @Nullable RatisPeer ratis;

    private volatile @Nullable Throwable cause;
    private volatile String stopped = "";
    private volatile Runnable farewell = () -> {};

    /** A builder of nodes. */
    public static HoldfastNodeBuilder builder() {
        return new HoldfastNodeBuilder();
    }

    HoldfastNode(HoldfastNodeBuilder settings, FolderLock lock) throws IOException {
        this.lock = lock;
        this.settings = settings;
        this.self = settings.self();
        this.listening = settings.listening();
        this.tls = settings.tls();
        this.folder = ClusterFolder.open(
                settings.dataFolder(),
                settings.clusterName(),
                self.id(),
                settings.members(),
                settings.groups(),
                settings.joins());
        if (!folder.isBorn() && !settings.canGrow()) {
            folder.belongTo(UUID.randomUUID(), List.of(Peer.of(folder.self(), self)));
        }
        this.clusterName = settings.clusterName();
        this.security = SecurityProto.newBuilder()
                .setInsecure(settings.isInsecure())
                .setMembersTls(tls.members() != null)
                .setClientsTls(tls.clients() != null)
                .setAccessRequired(settings.access().required())
                .build();
        this.strangers = new Strangers(self.id());
        this.addresses = new AddressBook(settings.dataFolder(), settings.members());
        Events events = new Events();
        MemberSecret secret = settings.secret();
        this.identity = new Identity(folder.isBorn() ? folder.cluster() : null, folder.self(), secret, tls.ofMembers());
        this.releases = new KnownReleases(self.id(), this::settledMembers, timers::nanoTime);
        this.host = new RaftHost(folder.self(), events);
        this.transport = new Members(identity, addresses::raftAddresses, host);
        this.access = new NodeAccess(
                settings.access(),
                this::clusterId,
                self,
                name -> memberNames().contains(name),
                tls.isEverywhere() ? null : secret,
                tls.refusals(),
                this::rules);
        long bytesPerGroup = settings.stateBytesMax() / settings.groups();
        int historyBytes =
                (int) Math.min(HISTORY_BYTES_MAX, Runtime.getRuntime().maxMemory() / 64) / settings.groups();
        this.groups = IntStream.range(0, settings.groups())
                .mapToObj(number -> new NodeGroup(
                        number,
                        settings.groups(),
                        self,
                        this::remoteOptions,
                        access,
                        timers,
                        requestTimers,
                        queries,
                        bytesPerGroup,
                        historyBytes,
                        releases,
                        events))
                .toList();
        this.readiness = new Readiness(self, this::members, groups, events::isRunning);
        this.meetings = new Meetings(
                folder.self(),
                new NodeAtMeetings(
                        folder,
                        identity,
                        self,
                        settings.members(),
                        this::memberNames,
                        groups,
                        host,
                        addresses,
                        releases,
                        this::verdicts,
                        settings.joinToken(),
                        events),
                this::ask,
                timers,
                task -> daemon(task, "holdfast-birth").start());
        host.meet(meetings);
        this.nodeMembers = new NodeMembers(
                Peer.of(folder.self(), self),
                groups,
                addresses,
                meetings::newcomers,
                releases::releaseOf,
                () -> MembersReply.newBuilder()
                        .setClusterId(clusterId())
                        .setClusterName(clusterName)
                        .setPeerId(self.id()),
                access,
                this::remoteOptions,
                settings.automaticMembers(),
                timers);
        MetricRegistry registry = settings.metrics();
        this.slow = new SlowOperations(self.id(), settings.slowThreshold(), timers::nanoTime);
        this.metrics = new NodeMetrics(
                registry, groups.stream().map(NodeGroup::replica).toList(), slow);
        try {
            if (folder.isBorn()) {
                // First of what may leave a trace: it refuses a folder that is damaged.
                ratis = newPeer();
            }
            this.clientPort = clientPort();
        } catch (IOException | RuntimeException | LinkageError e) {
            RatisPeer made = ratis;
            if (made != null) {
                made.abandon();
            }
            transport.close();
            throw e;
        }
        metrics.clients(clientPort);
        metrics.groups(groups);
        metrics.disk(settings.dataFolder());
        metrics.denials("clients", Denial.values(), access.refusals()::count);
        metrics.denials("clients", new Reason[] {Reason.CERTIFICATE}, access.refusals()::count);
        metrics.denials("members", Reason.values(), transport::refused);
        if (tls.isUsed()) {
            metrics.certificates(() -> ExpiryWatch.daysLeft(tls.expiries(), Instant.now()));
        }
        this.expiries = new ExpiryWatch(
                tls::expiries, timers, InstantSource.system(), what -> LOG.warn("Peer {}: {}", self.id(), what));
        this.health = new HealthWatch(
                meetings::waitsFor,
                groups.stream().map(NodeGroup::health).toList(),
                tls::expiries,
                timers,
                InstantSource.system());
        this.cluster = new LocalCluster(groups.stream().map(NodeGroup::gateway).toList());
        this.visitors = new Visitors(
                whom -> new LocalCluster(
                        groups.stream().map(group -> group.forVisitor(whom)).toList()),
                groups.size(),
                timers);
        this.client = Holdfast.client(
                cluster, settings.clientOptions(ClientOptions.defaults().metricRegistry(registry)));
        try {
            start();
        } catch (IOException | RuntimeException | LinkageError e) {
            close();
            throw e;
        }
    }

    private CompletableFuture<byte[]> ask(FrameKind question, String other, byte[] body) {
        try {
            return transport.link(other, Lane.MEETING).ask(question, body, MEETING_MS);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** How this peer reaches the others' ports for clients. */
    private RemoteOptions remoteOptions() {
        return tls.secure(RemoteOptions.named("peer " + self.id()).withClusterId(clusterId()));
    }

    private RatisPeer newPeer() throws IOException {
        RatisPeer peer = new RatisPeer(
                folder.cluster(),
                new RatisPeer.Place(
                        folder.self(),
                        raftAddress(),
                        transport,
                        host,
                        addresses,
                        settings.dataFolder().resolve("raft")),
                folder.founders(),
                settings.ratis(),
                groups.stream()
                        .map(group -> new RatisPeer.GroupParts(group.replica(), group))
                        .toList(),
                settings.metrics(),
                timers);
        for (int number = 0; number < groups.size(); number++) {
            groups.get(number).connect(peer.group(number));
        }
        return peer;
    }

    private InetSocketAddress raftAddress() {
        return new InetSocketAddress(listening.host(), listening.raftPort());
    }

    private ClientPort clientPort() throws IOException {
        ClientPort.Builder builder = ClientPort.builder()
                .host(listening.host())
                .port(listening.clientPort())
                .clusterId(this::clusterId)
                .clusterName(clusterName)
                .peerId(self.id())
                .status(() -> StatusReplies.of(
                        clusterId(),
                        clusterName,
                        folder.self(),
                        members(),
                        groups,
                        security,
                        tls.expiries(),
                        meetings.waitsFor(),
                        freeDiskBytes()));
        tls.secure(builder);
        builder.access(access.authenticator(), access.refusals());
        groups.forEach(group -> builder.group(group.door(), group::leader));
        builder.members(nodeMembers.service());
        builder.addresses(new ToldMembers(groups.get(0)::configuration, timers::nanoTime));
        builder.health(this::health);
        builder.backups(new NodeBackups(
                this::clusterId,
                clusterName,
                self.id(),
                settings.dataFolder(),
                groups.stream()
                        .map(group -> new NodeBackups.Group(group.local(), group.replica()))
                        .toList(),
                access::isAdmin,
                access.refusals(),
                InstantSource.system()));
        return builder.build();
    }

    /** Those that this peer has applied; they are in the first group. */
    private List<Rule> rules() {
        return groups.get(0).replica().rules();
    }

    /** The members as the log has them, and where they are; those that this peer was started with, as long as it knows of no log. */
    private List<Member> members() {
        List<Member> known =
                groups.get(0).configuration().all().map(Peer::member).toList();
        return known.isEmpty() ? settings.members() : known;
    }

    private Map<PeerId, String> verdicts(String name) {
        return nodeMembers.verdicts(name);
    }

    /** The names of all members; none while that is about to change. */
    private Set<String> settledMembers() {
        MemberSet known = groups.get(0).configuration();
        return known.settled() ? known.all().map(peer -> peer.id().name()).collect(Collectors.toSet()) : Set.of();
    }

    private Set<String> memberNames() {
        return members().stream().map(Member::id).collect(Collectors.toSet());
    }

    private void start() throws IOException {
        if (security.getInsecure()) {
            LOG.warn("{}", InsecureNotice.of(listening, settings.members(), security));
        }
        // Begun before anything can fail: what fails may have left no memory for a thread.
        daemon(this::stopAfterFailure, "holdfast-stop").start();
        clientPort.start();
        // Before Ratis: if the port is taken, it has not begun anything that it would have to end.
        transport.open(raftAddress());
        RatisPeer peer = ratis;
        if (peer != null) {
            peer.start();
        }
        transport.accept();
        meetings.start();
        nodeMembers.start();
        health.start();
        if (tls.isUsed()) {
            expiries.start();
        }
    }

    /** The peer has a cluster now. Its own thread. */
    private void begin() {
        try {
            synchronized (beginning) {
                if (state.get() != State.RUNNING) {
                    return;
                }
                RatisPeer peer = newPeer();
                ratis = peer;
                peer.start();
            }
        } catch (IOException | RuntimeException | Error e) {
            // Nobody else would notice: it is the end of this thread.
            fail("it cannot begin to take part in its cluster, " + clusterId(), e);
        }
    }

    /** The client of this process. The node closes it. */
    public HoldfastClient client() {
        return client;
    }

    /**
     * Another client through this peer, with a session of its own, as another process would have. The caller closes it.
     */
    public HoldfastClient newClient(ClientOptions options) {
        return Holdfast.client(cluster.shared(), options);
    }

    /** This peer's id. */
    public String id() {
        return self.id();
    }

    /** The release; empty if it is not known, as outside of a jar. */
    public String version() {
        return StatusReplies.version();
    }

    /** This peer as the list of members has it. */
    public Member member() {
        return self;
    }

    /** The cluster's id, which was made when it was born: a UUID, the same at all members. Empty before that. */
    public String clusterId() {
        return folder.isBorn() ? folder.cluster().toString() : "";
    }

    /** What the cluster is called: the same at all members. */
    public String clusterName() {
        return clusterName;
    }

    /**
     * For what this peer waits before it can take part in anything, in words: for initial members that are missing, or to be let in as a
     * new member. Empty if it is a member.
     */
    public String waitsFor() {
        return meetings.waitsFor();
    }

    /**
     * How this peer is, as of about a second ago at most; that it has failed shows at once. It asks nobody and does not block, so it may
     * be called as often as one likes.
     */
    public NodeHealth health() {
        State now = state.get();
        if (now == State.RUNNING) {
            return new NodeHealth(true, health.problems());
        }
        String why =
                now == State.CLOSED ? "it was closed" : stopped.isEmpty() ? "it has failed" : "it stopped: " + stopped;
        return new NodeHealth(false, List.of(why));
    }

    /** The number of groups that the cluster's locks are spread over. */
    public int groups() {
        return groups.size();
    }

    /** Whether this peer leads and serves the first group: the only one, unless the cluster was made with more. */
    public boolean isLeader() {
        return isLeader(0);
    }

    /** Whether this peer leads and serves that group, 0 to {@code groups() - 1}. */
    public boolean isLeader(int group) {
        return groups.get(group).isLed();
    }

    /** The id of the peer that leads the first group, as far as this peer knows; {@code null} if it knows of none. */
    public @Nullable String leader() {
        return leader(0);
    }

    /** The id of the peer that leads that group, as far as this peer knows; {@code null} if it knows of none. */
    public @Nullable String leader(int group) {
        LeaderHint hint = groups.get(group).leader();
        return hint == null ? null : hint.peerId();
    }

    /**
     * Waits until each group has a leader that this peer knows of.
     *
     * @return whether that is so; {@code false} when the time is up, or the node is closed or has failed
     */
    public boolean awaitLeader(Duration timeout) throws InterruptedException {
        return readiness.awaitLeader(timeout);
    }

    /**
     * Waits until this peer has caught up: it leads each group, or has applied what that group's leader had applied at some
     * time after this call. A new cluster survives the loss of a peer only once each of its members has been ready: before
     * that, one of those left may have nothing yet, and the other alone is no majority.
     *
     * @return whether that is so; {@code false} when the time is up, or the node is closed or has failed
     */
    public boolean awaitReady(Duration timeout) throws InterruptedException {
        return readiness.awaitCaughtUp(timeout);
    }

    /** The log index up to which this peer has applied the first group's log. */
    public long appliedIndex() {
        return appliedIndex(0);
    }

    /** The log index up to which this peer has applied that group's log. */
    public long appliedIndex(int group) {
        return groups.get(group).replica().read(machine -> machine.appliedIndex());
    }

    /** {@link #stateHash(int)} of the first group. */
    public String stateHash() {
        return stateHash(0);
    }

    /**
     * A hash of this peer's copy of that group's state. Two peers at the same applied index have the same hash. It takes time
     * in proportion to the state, during which nothing is applied.
     */
    public String stateHash(int group) {
        return groups.get(group).replica().read(machine -> machine.stateHash());
    }

    /** What another door into this peer, such as HTTP, takes from it to let the right ones in. */
    public Doorkeeper doorkeeper() {
        return new Doorkeeper(access, tls, security.getInsecure(), visitors);
    }

    /** What this peer speaks TLS with. */
    NodeTls tls() {
        return tls;
    }

    /** Where the node's own tasks run. */
    Timers timers() {
        return timers;
    }

    /** This peer's part in that group. */
    NodeGroup group(int number) {
        return groups.get(number);
    }

    /** Who the members of the cluster are, and who is to be one. */
    public Membership membership() {
        return nodeMembers.membership();
    }

    /** Completes with the cause when this peer has to stop by itself; never if it is closed first. */
    public CompletionStage<Throwable> failure() {
        return failure.minimalCompletionStage();
    }

    /** The ids of the other members that do not answer now. Blocks for up to about a second. */
    public List<String> silentMembers() throws InterruptedException {
        return readiness.silentMembers();
    }

    /**
     * Closes the client and its session, so that its holds are free at once; hands what this peer leads to another member, if
     * one is up; and stops the peer. Blocks for some seconds at most. Closing again does nothing.
     */
    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED) {
            return;
        }
        over.countDown();
        clientPort.stopAccepting();
        client.close();
        if (before == State.RUNNING) {
            handLeadershipOver();
        }
        stopServing();
        expiries.close();
        health.close();
        metrics.close();
        systemTimers.close();
        requestTimers.shutdownNow();
        queries.close();
        lock.close();
    }

    private void handLeadershipOver() {
        try {
            long deadline = System.nanoTime() + HAND_OVER_TIMEOUT.toNanos();
            for (NodeGroup group : groups) {
                if (group.hasLog()) {
                    group.log().handLeadershipOver(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
                }
            }
        } catch (InterruptedException e) {
            // The others elect somebody without help.
            Thread.currentThread().interrupt();
        }
    }

    private OptionalLong freeDiskBytes() {
        RatisPeer peer = ratis;
        return peer == null ? OptionalLong.empty() : peer.freeDiskBytes();
    }

    private void stopServing() {
        nodeMembers.close();
        groups.forEach(group -> group.gateway().close());
        visitors.close();
        clientPort.close();
        access.close();
        groups.forEach(group -> group.local().close());
        meetings.close();
        RatisPeer peer;
        synchronized (beginning) {
            peer = ratis;
        }
        try {
            if (peer != null) {
                peer.close();
            }
        } catch (IOException e) {
            LOG.warn("Peer {} did not stop cleanly; what it acknowledged is safe", self.id(), e);
        } finally {
            transport.close();
        }
    }

    private void failedUnforeseen(Throwable cause) {
        fail(
                cause instanceof VirtualMachineError
                        ? OUT_OF_MEMORY
                        : "one of its own tasks failed in a way that was not foreseen. What it acknowledged is durable on a"
                                + " majority. Start it again, and report this",
                cause);
    }

    private void fail(String what, Throwable cause) {
        fail(what, cause, () -> {});
    }

    /** @param farewell the last that it does before it stops serving; may block for a short time */
    private void fail(String what, Throwable cause, Runnable farewell) {
        if (!state.compareAndSet(State.RUNNING, State.FAILED)) {
            return;
        }
        this.cause = cause;
        this.stopped = what;
        this.farewell = farewell;
        try {
            // It must not acknowledge anything from here on, so it ceases to lead before anything else is done.
            for (NodeGroup group : groups) {
                group.local().end();
            }
        } finally {
            over.countDown();
        }
        LOG.error("Peer {} stops: {}", self.id(), what, cause);
    }

    private void stopAfterFailure() {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
        Throwable failed = cause;
        if (failed == null) {
            return;
        }
        try {
            try {
                farewell.run();
            } finally {
                stopServing();
            }
        } finally {
            failure.complete(failed);
        }
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private final class Events implements RatisPeer.PeerEvents, NodeGroup.Host, NodeAtMeetings.Node {
        private final Set<NodeGroup> wasMember = ConcurrentHashMap.newKeySet();

        @Override
        public boolean isRunning() {
            return state.get() == State.RUNNING;
        }

        @Override
        public void leading(NodeGroup group, boolean now) {
            metrics.leading(group, now);
        }

        @Override
        public void snapshotInstalled() {
            metrics.snapshotInstalled();
        }

        @Override
        public void snapshotWritten(long nanos) {
            metrics.snapshotWritten(nanos);
        }

        @Override
        public void synced(long nanos) {
            slow.synced(nanos);
        }

        @Override
        public RoundMeter rounds() {
            return metrics::answered;
        }

        @Override
        public void failed(Throwable cause) {
            ReleaseTooOldException tooOld = ReleaseTooOldException.of(cause);
            if (tooOld != null) {
                fail(String.valueOf(tooOld.getMessage()), tooOld);
                return;
            }
            fail(
                    cause instanceof VirtualMachineError
                            ? OUT_OF_MEMORY
                            : "its log cannot be written or applied. What it acknowledged is durable on a majority."
                                    + " Repair the disk and start it again",
                    cause);
        }

        /**
         * A member that is removed is not sent the configuration without it, so all that it has may be the one that is about to be
         * replaced. That it was removed it hears when it meets the others. Until then other groups may need its vote.
         */
        @Override
        public void ended(NodeGroup group, Throwable cause) {
            boolean isLeaving =
                    wasMember.contains(group) && !group.configuration().has(folder.self());
            if (!isLeaving || !isRunning()) {
                fail(PART_ENDED, cause);
                return;
            }
            LOG.info("Peer {} is about to be removed from its cluster", self.id());
            timers.schedule(
                    () -> {
                        if (isRunning()) {
                            fail(PART_ENDED, cause);
                        }
                    },
                    REMOVAL_HEARD_OF_WITHIN.toNanos());
        }

        @Override
        public void configured(NodeGroup group, MemberSet applied) {
            if (applied.has(folder.self())) {
                if (wasMember.add(group) && !folder.wasMember()) {
                    daemon(this::letIn, "holdfast-let-in").start();
                }
            } else if (applied.settled()
                    && wasMember.contains(group)
                    // As long as a group has it, that group may need its vote to let it go.
                    && groups.stream().noneMatch(each -> each.configuration().has(folder.self()))) {
                removed("member " + self.id() + " was removed from its cluster, " + clusterId()
                        + ". Its data folder is of no use any more");
            }
        }

        private void letIn() {
            try {
                folder.letIn();
            } catch (IOException e) {
                LOG.warn("It is not noted in the data folder that its peer was let in", e);
            }
        }

        @Override
        public void born() {
            daemon(HoldfastNode.this::begin, "holdfast-begin").start();
        }

        @Override
        public void removed(String what) {
            // The thread may be Ratis's, which is to go on.
            daemon(
                            () -> {
                                try {
                                    folder.removed();
                                } catch (IOException e) {
                                    LOG.warn("It is not noted in the data folder that its peer was removed", e);
                                }
                                fail(what, new MemberRemovedException(what));
                            },
                            "holdfast-removed")
                    .start();
        }

        @Override
        public void stranger(UUID other, boolean otherFormed) {
            String what = Strangers.describe(folder.isBorn() ? folder.cluster() : folder.list(), other, otherFormed);
            if (host.hasFormed()) {
                strangers.log(what);
            } else {
                // The other is to know as well, even if it cannot hear of this peer any more a moment later.
                fail(what, new IllegalStateException(what), meetings::meetAll);
            }
        }
    }
}
