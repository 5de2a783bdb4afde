package dev.holdfast.client.internal.remote;

import dev.holdfast.client.internal.remote.Roster.State;
import dev.holdfast.client.internal.remote.Roster.Step;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets requests through to a cluster once enough peers of the list were greeted to know that it is one cluster ({@link Roster}).
 *
 * <ul>
 *   <li>The first request has all peers of the list greeted at once. It waits until more than half of them agree, or all that
 *       can be reached do. Once one has answered, those of which nothing is heard have half of the connect timeout; once more
 *       than half agree, those at the head of the list, which are to be asked first, have an eighth.
 *   <li>Peers that could not be greeted then are tried again in the background, after pauses that grow to half a minute.
 *   <li>When two peers disagree, sooner or later, no request goes through any more, and connections that are open are
 *       ended. All peers are then greeted again and again, until they agree.
 *   <li>Members of which the leader told are greeted in the background as well. No request waits for that.
 * </ul>
 *
 * <p>Any thread may call it, and nothing blocks. Callers' tasks run on the thread that brings the news.
 *
 * <p>See docs/adr/010-one-list-one-cluster.md and docs/adr/018-clients-learn-the-members.md.
 */
final class Greeter implements Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Greeter.class);

    /** How long a connection that was made for the greeting is kept for a request that may want it. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** Follows a cluster through this greeter. */
    interface Follower {
        /** Connects to that peer, of the list or beside it, if it is not connected. The greeter hears how that went. */
        void greet(HostPort address);

        /** These are the members beside the list, from now on. Must return quickly, and call nobody back. */
        void learned(List<HostPort> members);

        /** Ends connections that nobody uses. */
        void rest();

        /** Requests go through from now on; that is the first peer of the list that can be asked. */
        void open(HostPort first);

        /** No request goes through any more; connections are to be ended for that reason. */
        void split(Ending why);
    }

    private final Roster roster;
    private final RemoteOptions options;
    private final ScheduledExecutorService timers;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final Waiters waiters;
    private final LaterGreetings later;
    /** Held so that followers hear of members in the order in which they were learned of. */
    private final Object telling = new Object();

    private final Map<HostPort, String> warnedOf = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like the next. */
    private @Nullable Future<?> patience;

    private boolean patienceIsShort;

    /** @param timers where its timers fire; stays the caller's, and must outlive this */
    Greeter(List<HostPort> peers, RemoteOptions options, ScheduledExecutorService timers) {
        this.roster = new Roster(peers, WantedCluster.of(options));
        this.options = options;
        this.timers = timers;
        this.waiters = new Waiters(timers, options.requestTimeout(), roster::describe);
        this.later = new LaterGreetings(timers, this::greetAgain);
    }

    /** From now on that follower hears of news. The first does the greeting. */
    void add(Follower follower) {
        followers.add(follower);
        synchronized (telling) {
            follower.learned(roster.learned());
        }
        if (isOpen()) {
            roster.firstAnswering().ifPresent(follower::open);
        }
    }

    /** Whether requests go through, so that nobody has to wait. */
    boolean isOpen() {
        return roster.state() == State.SERVING;
    }

    /**
     * Goes on with {@code null} when requests go through, or with why they do not, after the request timeout at the latest;
     * perhaps before this returns.
     *
     * @param then throws nothing
     */
    void whenOpen(Consumer<@Nullable TransportException> then) {
        waiters.add(then);
        roster.begin().forEach(followers.get(0)::greet);
        settle(roster.state());
    }

    @Override
    public @Nullable Ending admit(HostPort address, ClusterIdentity said) {
        Step step = roster.welcomed(address, said);
        if (step.refusal() == null) {
            warnedOf.remove(address);
        }
        react(step);
        return step.refusal();
    }

    @Override
    public boolean isListed(HostPort address) {
        return roster.isListed(address);
    }

    @Override
    public void failed(HostPort address, Ending why) {
        Step step = roster.failed(address, why);
        if (why.isRefusal() && step.after() != State.SPLIT && roster.isListed(address)) {
            warn(address, why.message());
        }
        react(step);
    }

    /** The leader told who the members of the cluster are that is served. */
    void learn(List<HostPort> members) {
        synchronized (telling) {
            if (!roster.learn(members)) {
                return;
            }
            List<HostPort> known = roster.learned();
            LOG.debug("the members beside the list are {}", known);
            followers.forEach(follower -> follower.learned(known));
        }
        later.beginAtLeisure();
    }

    /** Whether that peer was tried in vain not long ago, so that others are asked rather. */
    boolean isAway(HostPort address) {
        return roster.isAway(address);
    }

    /** Once, until it is something else that is wrong with it. */
    private void warn(HostPort address, String reason) {
        if (!reason.equals(warnedOf.put(address, reason))) {
            LOG.warn("A peer cannot be used: {}.", reason);
        }
    }

    private void react(Step step) {
        if (step.after() != step.before()) {
            changed(step);
        }
        if (step.after() == State.ASKING && roster.hasAnswer()) {
            countPatience();
        } else if (step.after() == State.ASKING && step.over()) {
            waiters.goOn(this::nobody);
        }
        settle(step.after());
    }

    private void changed(Step step) {
        if (step.after() == State.SPLIT) {
            Ending why = roster.split();
            LOG.error("Nobody is served: {}.", why.message());
            followers.forEach(follower -> follower.split(why));
        } else if (step.before() == State.SPLIT) {
            LOG.info("All peers that answer are of one cluster again.");
        }
        if (step.after() == State.SERVING) {
            roster.firstAnswering().ifPresent(first -> followers.forEach(follower -> follower.open(first)));
        }
        later.begin();
    }

    /** Requests that wait need not wait any longer, unless the peers are still being asked. */
    private void settle(State state) {
        switch (state) {
            case SERVING -> waiters.goOn(() -> null);
            case SPLIT -> waiters.goOn(() -> roster.split().ofUnsent());
            case ASKING -> {}
        }
    }

    private TransportException nobody() {
        Kind refusal = roster.oneForbids() ? Kind.FORBIDDEN : Kind.REFUSED;
        return new TransportException(
                roster.allRefuse() ? refusal : Kind.UNREACHABLE,
                "no peer of the list can be used: " + roster.describe());
    }

    /** What a refusal by one peer means to the caller: others may be more welcoming, unless all were asked and refuse. */
    TransportException refused(HostPort by, TransportException refusal) {
        if (roster.state() == State.SPLIT) {
            return roster.split().ofUnsent();
        }
        if (roster.allRefuse()) {
            return nobody();
        }
        String what = roster.isListed(by)
                ? "not every peer of the list can be used"
                : refusal.getMessage() + "; the peers of the list";
        return new TransportException(Kind.UNREACHABLE, what + ": " + roster.describe(), refusal);
    }

    private void countPatience() {
        boolean enough = roster.hasEnough();
        lock.lock();
        try {
            if (patience != null && (patienceIsShort || !enough)) {
                return;
            }
            if (patience != null) {
                patience.cancel(false);
            }
            patienceIsShort = enough;
            patience = schedule(this::timeIsUp, options.connectTimeout().toNanos() / (enough ? 8 : 2));
        } finally {
            lock.unlock();
        }
    }

    private void timeIsUp() {
        lock.lock();
        try {
            patience = null;
            patienceIsShort = false;
        } finally {
            lock.unlock();
        }
        react(roster.timeIsUp());
    }

    private boolean greetAgain() {
        List<HostPort> toGreet = roster.toGreetAgain();
        toGreet.forEach(followers.get(0)::greet);
        schedule(
                () -> followers.get(0).rest(),
                options.connectTimeout().plus(LINGER).toNanos());
        return !toGreet.isEmpty();
    }

    private @Nullable Future<?> schedule(Runnable task, long delayNanos) {
        try {
            return timers.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // The transport is about to be closed.
            return null;
        }
    }

    /** Greets nobody any more. Requests that wait fail. */
    void close() {
        later.close();
        waiters.close();
    }
}
