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
import dev.holdfast.client.v1.SecurityProto;
import dev.holdfast.node.gateway.LocalCluster;
import dev.holdfast.node.internal.access.Denial;
import dev.holdfast.node.internal.port.ClientPort;
import dev.holdfast.node.internal.ratis.RatisPeer;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.leader.QueryThread;
import dev.holdfast.protocol.Rule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final Duration HAND_OVER_TIMEOUT = Duration.ofSeconds(3);

    private static final String OUT_OF_MEMORY =
            "it ran out of memory, or its Java runtime failed. What it acknowledged is"
                    + " durable on a majority. Give it more memory (-Xmx) and start it again";

    private enum State {
        RUNNING,
        FAILED,
        CLOSED
    }

    private final Member self;
    private final List<Member> members;
    private final FolderLock folder;
    private final UUID clusterId;
    private final String clusterName;
    private final NodeTls tls;
    private final SecurityProto security;
    private final Strangers strangers;
    private final NodeAccess access;
    private final List<NodeGroup> groups;
    private final Readiness readiness;
    private final SystemTimers systemTimers = new SystemTimers();
    private final Timers timers = new WatchedTimers(systemTimers, this::failedUnforeseen);
    private final QueryThread queries = new QueryThread("holdfast-queries");
    private final ScheduledExecutorService requestTimers = TimerThread.newDaemon("holdfast-requests");
    private final NodeMetrics metrics;
    private final RatisPeer ratis;
    private final ClientPort clientPort;
    private final ExpiryWatch expiries;
    private final LocalCluster cluster;
    private final HoldfastClient client;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    /** Released when the node has failed or is closed. */
    private final CountDownLatch over = new CountDownLatch(1);

    private volatile @Nullable Throwable cause;
    private volatile Runnable farewell = () -> {};

    /** A builder of nodes. */
    public static HoldfastNodeBuilder builder() {
        return new HoldfastNodeBuilder();
    }

    HoldfastNode(HoldfastNodeBuilder settings, FolderLock folder) throws IOException {
        this.folder = folder;
        this.self = settings.self();
        this.members = settings.members();
        this.tls = settings.tls();
        this.clusterId = ClusterIdentity.establish(
                settings.dataFolder(), settings.clusterName(), self.id(), settings.members(), settings.groups());
        this.clusterName = settings.clusterName();
        this.security = SecurityProto.newBuilder()
                .setInsecure(settings.isInsecure())
                .setMembersTls(tls.members() != null)
                .setClientsTls(tls.clients() != null)
                .setAccessRequired(settings.access().required())
                .build();
        RemoteOptions options =
                tls.secure(RemoteOptions.named("peer " + self.id()).withClusterId(clusterId.toString()));
        this.strangers = new Strangers(self.id(), clusterId);
        Events events = new Events();
        long bytesPerGroup = settings.stateBytesMax() / settings.groups();
        MemberSecret secret = settings.secret();
        this.access = new NodeAccess(
                settings.access(),
                clusterId.toString(),
                self,
                members,
                tls.isEverywhere() ? null : secret,
                tls.refusals(),
                this::rules);
        this.groups = IntStream.range(0, settings.groups())
                .mapToObj(number -> new NodeGroup(
                        number,
                        settings.groups(),
                        self,
                        options,
                        access,
                        timers,
                        requestTimers,
                        queries,
                        bytesPerGroup,
                        events))
                .toList();
        this.readiness = new Readiness(self, members, groups, events::isRunning);
        // First of what may leave a trace: it refuses a folder that is damaged.
        this.ratis = new RatisPeer(
                clusterId,
                self,
                settings.members(),
                secret,
                tls.ofMembers(),
                settings.dataFolder().resolve("raft"),
                settings.ratis(),
                groups.stream()
                        .map(group -> new RatisPeer.GroupParts(group.replica(), group))
                        .toList(),
                timers,
                events);
        MetricRegistry registry = settings.metrics();
        this.metrics = new NodeMetrics(
                registry, groups.stream().map(NodeGroup::replica).toList());
        for (int number = 0; number < groups.size(); number++) {
            groups.get(number).connect(ratis.group(number));
        }
        this.clientPort = clientPort();
        metrics.clients(clientPort);
        metrics.denials("clients", Denial.values(), access.refusals()::count);
        metrics.denials("clients", new Reason[] {Reason.CERTIFICATE}, access.refusals()::count);
        metrics.denials("members", Reason.values(), ratis::refused);
        if (tls.isUsed()) {
            metrics.certificates(() -> ExpiryWatch.daysLeft(tls.expiries(), Instant.now()));
        }
        this.expiries = new ExpiryWatch(
                tls::expiries, timers, InstantSource.system(), what -> LOG.warn("Peer {}: {}", self.id(), what));
        this.cluster = new LocalCluster(groups.stream().map(NodeGroup::gateway).toList());
        this.client = Holdfast.client(
                cluster, settings.clientOptions(ClientOptions.defaults().metricRegistry(registry)));
        try {
            start();
        } catch (IOException | RuntimeException | LinkageError e) {
            close();
            throw e;
        }
    }

    private ClientPort clientPort() throws IOException {
        ClientPort.Builder builder = ClientPort.builder()
                .host(self.host())
                .port(self.clientPort())
                .clusterId(clusterId.toString())
                .clusterName(clusterName)
                .peerId(self.id())
                .status(() ->
                        StatusReplies.of(clusterId, clusterName, self, members, groups, security, tls.expiries()));
        tls.secure(builder);
        builder.access(access.authenticator(), access.refusals());
        groups.forEach(group -> builder.group(group.door(), group::leader));
        return builder.build();
    }

    /** Those that this peer has applied; they are in the first group. */
    private List<Rule> rules() {
        return groups.get(0).replica().rules();
    }

    private void start() throws IOException {
        if (security.getInsecure()) {
            LOG.warn("{}", InsecureNotice.of(self, members, security));
        }
        // Begun before anything can fail: what fails may have left no memory for a thread.
        daemon(this::stopAfterFailure, "holdfast-stop").start();
        clientPort.start();
        ratis.start();
        if (tls.isUsed()) {
            expiries.start();
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

    /** This peer as the list of members has it. */
    public Member member() {
        return self;
    }

    /** The cluster's id, which was made at its first start: a UUID, the same at all members. */
    public String clusterId() {
        return clusterId.toString();
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
        metrics.close();
        systemTimers.close();
        requestTimers.shutdownNow();
        queries.close();
        folder.close();
    }

    private void handLeadershipOver() {
        try {
            long deadline = System.nanoTime() + HAND_OVER_TIMEOUT.toNanos();
            for (NodeGroup group : groups) {
                group.log().handLeadershipOver(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            // The others elect somebody without help.
            Thread.currentThread().interrupt();
        }
    }

    private void stopServing() {
        groups.forEach(group -> group.gateway().close());
        clientPort.close();
        access.close();
        groups.forEach(group -> group.local().close());
        try {
            ratis.close();
        } catch (IOException e) {
            LOG.warn("Peer {} did not stop cleanly; what it acknowledged is safe", self.id(), e);
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

    private final class Events implements RatisPeer.PeerEvents, NodeGroup.Host {
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
        public void failed(Throwable cause) {
            fail(
                    cause instanceof VirtualMachineError
                            ? OUT_OF_MEMORY
                            : "its log cannot be written or applied. What it acknowledged is durable on a majority."
                                    + " Repair the disk and start it again",
                    cause);
        }

        @Override
        public void stranger(UUID otherCluster, boolean otherFormed) {
            String what = strangers.describe(otherCluster, otherFormed);
            if (ratis.hasFormed()) {
                strangers.log(what);
            } else {
                // The other is to know as well, even if it cannot hear of this peer any more a moment later.
                fail(what, new IllegalStateException(what), ratis::greetAll);
            }
        }
    }
}
