package dev.holdfast.node;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.jmx.JmxReporter;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.node.gateway.Gateway;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.gateway.SharedTransport;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.port.ClientPort;
import dev.holdfast.node.ratis.RatisPeer;
import dev.holdfast.statemachine.Applied;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
 * <p>The client works the same whether this peer leads or follows, and goes on through elections. A peer that cannot go
 * on, because its disk does not take the log any more, stops: it says so in the log, {@link #failure()} completes, and
 * nothing was acknowledged that is not durable on a majority.
 *
 * <p>All methods may be called from any thread.
 */
public final class HoldfastNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HoldfastNode.class);
    private static final Duration HAND_OVER_TIMEOUT = Duration.ofSeconds(3);
    private static final long STRANGER_LOGGED_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private enum State {
        RUNNING,
        FAILED,
        CLOSED
    }

    private final Member self;
    private final List<Member> members;
    private final FolderLock folder;
    private final UUID clusterId;
    private final Replica replica = new Replica();
    private final LocalLeader local = new LocalLeader();
    private final SystemTimers timers = new SystemTimers();
    private final ScheduledThreadPoolExecutor requestTimers =
            new ScheduledThreadPoolExecutor(1, task -> daemon(task, "holdfast-requests"));
    private final NodeMetrics metrics;
    private final @Nullable JmxReporter jmx;
    private final RatisPeer ratis;
    private final ClientPort clientPort;
    private final Gateway gateway;
    private final HoldfastClient client;
    private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private volatile long strangerLoggedNanos = System.nanoTime() - STRANGER_LOGGED_AGAIN_NANOS;

    /** Begins to describe a node. */
    public static HoldfastNodeBuilder builder() {
        return new HoldfastNodeBuilder();
    }

    HoldfastNode(HoldfastNodeBuilder settings, FolderLock folder) throws IOException {
        this.folder = folder;
        this.self = settings.self();
        this.members = settings.members();
        requestTimers.setRemoveOnCancelPolicy(true);
        this.clusterId =
                ClusterIdentity.establish(settings.dataFolder(), settings.clusterName(), self.id(), settings.members());
        MetricRegistry registry = settings.metrics();
        this.metrics = new NodeMetrics(registry, replica);
        this.jmx = settings.showsJmx()
                ? JmxReporter.forRegistry(registry).inDomain("dev.holdfast").build()
                : null;
        replica.onApplied(this::applied);
        this.ratis = new RatisPeer(
                clusterId,
                self,
                settings.members(),
                settings.dataFolder().resolve("raft"),
                settings.ratis(),
                replica,
                timers,
                new Events());
        this.clientPort = ClientPort.builder()
                .host(self.host())
                .port(self.clientPort())
                .clusterId(clusterId.toString())
                .peerId(self.id())
                .transport(local)
                .leader(ratis::leader)
                .status(() -> StatusReplies.of(clusterId, self, members, ratis.state()))
                .build();
        metrics.clients(clientPort);
        this.gateway = new Gateway(
                self.id(),
                local,
                ratis::leader,
                RemoteOptions.named("peer " + self.id()).withClusterId(clusterId.toString()),
                requestTimers);
        this.client = Holdfast.client(
                gateway, settings.clientOptions(ClientOptions.defaults().metricRegistry(registry)));
        try {
            start();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void start() throws IOException {
        clientPort.start();
        ratis.start();
        if (jmx != null) {
            jmx.start();
        }
    }

    private void applied(Applied applied) {
        metrics.applied(applied);
        LeaderTerm term = local.term();
        if (term != null) {
            term.applied(applied);
        }
    }

    /** The client of this process. It needs no closing: the node does that. */
    public HoldfastClient client() {
        return client;
    }

    /**
     * Another client through this peer, with a session of its own, as another process would have. To be closed by the
     * caller.
     */
    public HoldfastClient newClient(ClientOptions options) {
        return Holdfast.client(new SharedTransport(gateway), options);
    }

    /** This peer's id. */
    public String id() {
        return self.id();
    }

    /** What is known of this peer. */
    public Member member() {
        return self;
    }

    /** The cluster's id, made at its first start. */
    public String clusterId() {
        return clusterId.toString();
    }

    /** Whether this peer leads and serves. */
    public boolean isLeader() {
        return local.term() != null;
    }

    /** The id of the peer that leads, in the belief of this one; {@code null} if it knows of none. */
    public @Nullable String leader() {
        LeaderHint hint = ratis.leader();
        return hint == null ? null : hint.peerId();
    }

    /**
     * Waits until this peer knows of a leader.
     *
     * @return whether it does, within that time
     */
    public boolean awaitLeader(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (leader() == null || (self.id().equals(leader()) && !isLeader())) {
            if (System.nanoTime() - deadline >= 0 || state.get() != State.RUNNING) {
                return false;
            }
            Thread.sleep(5);
        }
        return true;
    }

    /**
     * Waits until this peer has caught up: it leads, or it has applied what the leader had applied at some time after this
     * call. A new cluster bears the loss of a peer once each of its members was ready: before, one of those left may have
     * nothing yet, and one alone is no majority.
     *
     * @return whether it has, within that time
     */
    public boolean awaitReady(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long target = Long.MAX_VALUE;
        while (!isLeader() && ratis.appliedIndex() < target) {
            if (System.nanoTime() - deadline >= 0 || state.get() != State.RUNNING) {
                return false;
            }
            target = target == Long.MAX_VALUE ? leadersAppliedIndex() : target;
            Thread.sleep(5);
        }
        return true;
    }

    private long leadersAppliedIndex() throws InterruptedException {
        String leader = leader();
        for (Member member : members) {
            if (member.id().equals(leader) && !member.equals(self)) {
                try {
                    long applied = ratis.appliedIndexOf(member).get();
                    return applied < 0 ? Long.MAX_VALUE : applied;
                } catch (ExecutionException e) {
                    LOG.debug("the leader, {}, did not say how far it is", leader, e);
                }
            }
        }
        return Long.MAX_VALUE;
    }

    /** The log index up to which this peer has applied the log. */
    public long appliedIndex() {
        return replica.read(machine -> machine.appliedIndex());
    }

    /**
     * A hash of this peer's copy of the state. Two peers at the same applied index must have the same; costs time in
     * proportion to the state, during which nothing is applied.
     */
    public String stateHash() {
        return replica.read(machine -> machine.stateHash());
    }

    /** Completes with the cause if this peer has to stop by itself. */
    public CompletionStage<Throwable> failure() {
        return failure.minimalCompletionStage();
    }

    /** The ids of those other members that do not answer now. Blocks for up to about a second. */
    public List<String> silentMembers() throws InterruptedException {
        Map<String, CompletableFuture<Long>> answers = new LinkedHashMap<>();
        members.stream()
                .filter(member -> !member.equals(self))
                .forEach(member -> answers.put(member.id(), ratis.appliedIndexOf(member)));
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, CompletableFuture<Long>> answer : answers.entrySet()) {
            try {
                answer.getValue().get();
            } catch (ExecutionException e) {
                silent.add(answer.getKey());
            }
        }
        return silent;
    }

    /**
     * Closes the client and its session, so that its holds are free at once, has another member lead if this one does and
     * another is up, and stops the peer. Blocks some seconds.
     */
    @Override
    public void close() {
        State before = state.getAndSet(State.CLOSED);
        if (before == State.CLOSED) {
            return;
        }
        clientPort.stopAccepting();
        client.close();
        if (before == State.RUNNING) {
            handLeadershipOver();
        }
        stopServing();
        if (jmx != null) {
            jmx.close();
        }
        metrics.close();
        timers.close();
        requestTimers.shutdownNow();
        folder.close();
    }

    private void handLeadershipOver() {
        try {
            ratis.handLeadershipOver(HAND_OVER_TIMEOUT);
        } catch (InterruptedException e) {
            // The others elect somebody without help.
            Thread.currentThread().interrupt();
        }
    }

    private void stopServing() {
        gateway.close();
        clientPort.close();
        local.close();
        try {
            ratis.close();
        } catch (IOException e) {
            LOG.warn("Peer {} did not stop cleanly; what it acknowledged is safe", self.id(), e);
        }
    }

    private void fail(String what, Throwable cause) {
        if (!state.compareAndSet(State.RUNNING, State.FAILED)) {
            return;
        }
        LOG.error("Peer {} stops: {}", self.id(), what, cause);
        // It must not acknowledge anything from here on, so it ceases to lead before anything else is done.
        local.end();
        daemon(
                        () -> {
                            stopServing();
                            failure.complete(cause);
                        },
                        "holdfast-stop")
                .start();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private final class Events implements RatisPeer.PeerEvents {
        @Override
        public void leaderReady(long term) {
            if (state.get() != State.RUNNING) {
                return;
            }
            LOG.info("Peer {} leads term {}", self.id(), term);
            local.begin(new LeaderTerm(term, replica, ratis, timers));
            metrics.leading(true);
            if (!ratis.leads(term)) {
                // Deposed meanwhile, and perhaps told so before the term began here.
                notLeader();
            }
        }

        @Override
        public void notLeader() {
            local.end();
            metrics.leading(false);
        }

        @Override
        public void failed(Throwable cause) {
            fail(
                    "its log cannot be written or applied. What it acknowledged is durable on a majority;"
                            + " mend the disk and start it again",
                    cause);
        }

        @Override
        public void stranger(UUID otherCluster, boolean otherFormed) {
            String what = "a peer that should be of this cluster, " + clusterId + ", is of cluster " + otherCluster
                    + (otherFormed ? ", which is at work" : "")
                    + ": they were started with different names or lists of initial members. Start all of them with"
                    + " the same";
            if (!ratis.hasFormed()) {
                fail(what, new IllegalStateException(what));
            } else if (System.nanoTime() - strangerLoggedNanos >= STRANGER_LOGGED_AGAIN_NANOS) {
                strangerLoggedNanos = System.nanoTime();
                LOG.error("Peer {}: {}", self.id(), what);
            }
        }
    }
}
