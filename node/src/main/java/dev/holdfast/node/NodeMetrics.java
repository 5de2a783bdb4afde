package dev.holdfast.node;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import dev.holdfast.client.metrics.SummingTimer;
import dev.holdfast.node.internal.port.ClientPort;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.Answer.ChangeView;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.ChangeKind;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.Change;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * What a peer measures. Counters count what this peer has applied, so every peer of a cluster shows about the same. Entries
 * that a peer replays from its log when it starts count again.
 *
 * <table>
 * <caption>Metrics, with the prefix {@code holdfast.node.}</caption>
 * <tr><td>{@code granted}</td><td>counter</td><td>acquires granted, at once or after a wait</td></tr>
 * <tr><td>{@code refused}</td><td>counter</td><td>acquires refused because the lockable was held and the caller did not want to wait</td></tr>
 * <tr><td>{@code queued}</td><td>counter</td><td>acquires queued</td></tr>
 * <tr><td>{@code waits.timed-out}</td><td>counter</td><td>waits that ended without a grant</td></tr>
 * <tr><td>{@code released}</td><td>counter</td><td>releases that took effect</td></tr>
 * <tr><td>{@code holds.expired}</td><td>counter</td><td>holds whose lease ran out</td></tr>
 * <tr><td>{@code holds.forced}</td><td>counter</td><td>holds ended by a forced release</td></tr>
 * <tr><td>{@code sessions.opened}, {@code sessions.ended}</td><td>counter</td><td></td></tr>
 * <tr><td>{@code holds}, {@code waiters}, {@code sessions}</td><td>gauge</td><td>how many there are now</td></tr>
 * <tr><td>{@code clients}</td><td>gauge</td><td>how many clients are connected to this peer's port now</td></tr>
 * <tr><td>{@code state.bytes}</td><td>gauge</td><td>about how many bytes of heap all that takes; an upper estimate</td></tr>
 * <tr><td>{@code state.bytes-max}</td><td>gauge</td><td>at how many bytes requests that add to it are rejected; 0 for no
 *     bound</td></tr>
 * <tr><td>{@code log.index}</td><td>gauge</td><td>the last applied log index; the sum, if there are several groups</td></tr>
 * <tr><td>{@code group.N.state}</td><td>gauge</td><td>what this peer is in group N: {@code leader}, {@code follower}, {@code candidate} or
 *     {@code none}</td></tr>
 * <tr><td>{@code group.N.term}, {@code group.N.last-index}, {@code group.N.committed-index}, {@code group.N.applied-index}</td>
 *     <td>gauge</td><td>the term, and how far the log goes, is known to be committed, and is applied; with Raft's own
 *     entries</td></tr>
 * <tr><td>{@code group.N.lag}</td><td>gauge</td><td>how many entries this peer was behind the leader a second ago; 0 at the leader, -1 if
 *     it is not known</td></tr>
 * <tr><td>{@code group.N.lag-bytes}</td><td>gauge</td><td>about how many bytes of log that is: the entries, as large as those that this peer
 *     applied last; -1 if it is not known</td></tr>
 * <tr><td>{@code group.N.snapshot.age}</td><td>gauge</td><td>how many seconds old the newest snapshot is; -1 if there is none</td></tr>
 * <tr><td>{@code group.N.snapshot.bytes}</td><td>gauge</td><td>and how large; 0 if there is none</td></tr>
 * <tr><td>{@code longest-wait}</td><td>gauge</td><td>for how many milliseconds the one who waits longest has waited, of the groups that
 *     this peer leads</td></tr>
 * <tr><td>{@code sessions.by-principal}</td><td>gauge</td><td>a map from the principal to its open sessions, of the groups that this peer
 *     leads; the hundred with the most</td></tr>
 * <tr><td>{@code limits.used}</td><td>gauge</td><td>a map from a limit to the share of it that is used, from 0 to 1: {@code state},
 *     {@code sessions}</td></tr>
 * <tr><td>{@code disk.free-bytes}</td><td>gauge</td><td>what is left on the disk of the data folder</td></tr>
 * <tr><td>{@code queue.time}</td><td>timer</td><td>how long a batch of a client's commands waited at the leader until it entered the
 *     log</td></tr>
 * <tr><td>{@code log.time}</td><td>timer</td><td>and how long it took from then until it was on the disks of a majority and applied</td></tr>
 * <tr><td>{@code snapshot.time}</td><td>timer</td><td>writing a snapshot, and reading it back</td></tr>
 * <tr><td>{@code certificates.days-left}</td><td>gauge</td><td>in how many whole days the first of the certificates and roots for TLS
 *     expires; negative once one has. Only with TLS</td></tr>
 * <tr><td>{@code wait.time}</td><td>timer</td><td>how long acquires that were granted after a wait had waited, in log time</td></tr>
 * <tr><td>{@code batch.size}</td><td>histogram</td><td>commands in a log entry</td></tr>
 * <tr><td>{@code apply.time}</td><td>timer</td><td>applying one log entry</td></tr>
 * <tr><td>{@code leader}</td><td>gauge</td><td>how many groups this peer leads; 1 or 0 if there is one</td></tr>
 * <tr><td>{@code leader.changes}</td><td>counter</td><td>how often this peer began to lead</td></tr>
 * <tr><td>{@code denied.clients.REASON}, {@code denied.members.REASON}</td><td>gauge</td><td>attempts that were refused at the
 * port for clients, such as {@code denied.clients.unknown-token}, and at that for members, since the start</td></tr>
 * <tr><td>{@code snapshots.installed}</td><td>counter</td><td>how often this peer was so far behind that it was sent a
 * snapshot</td></tr>
 * </table>
 *
 * <p>What Ratis measures is beside it, under {@code holdfast.raft.group.N.}, by Ratis's names.
 */
public final class NodeMetrics {
    private static final int PRINCIPALS_MAX = 100;

    /** The prefix of all names. */
    public static final String PREFIX = "holdfast.node.";

    /** The name of the timer of the waits before grants. */
    public static final String WAIT_TIME = PREFIX + "wait.time";

    private final MetricRegistry registry;
    private final SlowOperations slow;
    private final List<String> gauges = new ArrayList<>();
    private final Counter granted;
    private final Counter refused;
    private final Counter queued;
    private final Counter timedOut;
    private final Counter released;
    private final Counter expired;
    private final Counter forced;
    private final Counter sessionsOpened;
    private final Counter sessionsEnded;
    private final Counter leaderChanges;
    private final Counter snapshotsInstalled;
    private final Histogram batchSize;
    private final Timer applyTime;
    private final Timer queueTime;
    private final Timer logTime;
    private final Timer snapshotTime;
    private final Timer waitTime;
    private final Set<NodeGroup> led = ConcurrentHashMap.newKeySet();

    /** @param slow told of what may be slow */
    NodeMetrics(MetricRegistry registry, List<Replica> replicas, SlowOperations slow) {
        this.registry = registry;
        this.slow = slow;
        granted = registry.counter(PREFIX + "granted");
        refused = registry.counter(PREFIX + "refused");
        queued = registry.counter(PREFIX + "queued");
        timedOut = registry.counter(PREFIX + "waits.timed-out");
        released = registry.counter(PREFIX + "released");
        expired = registry.counter(PREFIX + "holds.expired");
        forced = registry.counter(PREFIX + "holds.forced");
        sessionsOpened = registry.counter(PREFIX + "sessions.opened");
        sessionsEnded = registry.counter(PREFIX + "sessions.ended");
        leaderChanges = registry.counter(PREFIX + "leader.changes");
        snapshotsInstalled = registry.counter(PREFIX + "snapshots.installed");
        batchSize = registry.histogram(PREFIX + "batch.size");
        applyTime = SummingTimer.in(registry, PREFIX + "apply.time");
        queueTime = SummingTimer.in(registry, PREFIX + "queue.time");
        logTime = SummingTimer.in(registry, PREFIX + "log.time");
        snapshotTime = SummingTimer.in(registry, PREFIX + "snapshot.time");
        waitTime = SummingTimer.in(registry, WAIT_TIME);
        gauge("holds", replicas, LockMachine::holdCount);
        gauge("waiters", replicas, LockMachine::waiterCount);
        gauge("sessions", replicas, LockMachine::sessionCount);
        gauge("state.bytes", replicas, LockMachine::bytes);
        gauge("state.bytes-max", replicas, LockMachine::bytesMax);
        gauge("log.index", replicas, LockMachine::appliedIndex);
        gauge("leader", led::size);
        replicas.forEach(replica -> replica.measureWith(this::applied));
    }

    private void gauge(String name, List<Replica> replicas, ToLongFunction<LockMachine> value) {
        gauge(
                name,
                () -> replicas.stream()
                        .mapToLong(replica -> replica.<Long>read(value::applyAsLong))
                        .sum());
    }

    private void gauge(String name, Gauge<?> gauge) {
        gauges.add(name);
        registry.gauge(PREFIX + name, () -> gauge);
    }

    void groups(List<NodeGroup> groups) {
        for (int number = 0; number < groups.size(); number++) {
            NodeGroup group = groups.get(number);
            String prefix = "group." + number + ".";
            gauge(prefix + "state", () -> group.state().role().name().toLowerCase(Locale.ROOT));
            gauge(prefix + "term", () -> group.state().term());
            gauge(prefix + "last-index", () -> group.state().lastIndex());
            gauge(prefix + "committed-index", () -> group.state().committedIndex());
            gauge(prefix + "applied-index", () -> group.state().appliedIndex());
            gauge(prefix + "lag", () -> group.health().lag());
            gauge(prefix + "lag-bytes", group::lagBytes);
            gauge(prefix + "snapshot.age", () -> snapshotAgeS(group));
            gauge(prefix + "snapshot.bytes", () -> snapshotBytes(group));
        }
        gauge(
                "longest-wait",
                new OnceInAWhile(() -> groups.stream()
                        .mapToLong(NodeGroup::longestWaitMs)
                        .max()
                        .orElse(0)));
        gauge("sessions.by-principal", () -> {
            Map<String, Long> all = new TreeMap<>();
            groups.forEach(group ->
                    group.sessionsByPrincipal().forEach((principal, count) -> all.merge(principal, count, Long::sum)));
            return largest(all);
        });
        gauge("limits.used", () -> limitsUsed(groups));
    }

    /** Whoever has few sessions is left out if there are too many principals. */
    private static Map<String, Long> largest(Map<String, Long> counts) {
        if (counts.size() <= PRINCIPALS_MAX) {
            return counts;
        }
        Map<String, Long> kept = new TreeMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(PRINCIPALS_MAX)
                .forEach(each -> kept.put(each.getKey(), each.getValue()));
        return kept;
    }

    /** However many ask, it is found out once in some seconds, by one of them. */
    private static final class OnceInAWhile implements Gauge<Long> {
        private static final long HOLDS_NANOS = TimeUnit.SECONDS.toNanos(2);

        private final LongSupplier value;
        private long atNanos = System.nanoTime() - HOLDS_NANOS;
        private long known;

        OnceInAWhile(LongSupplier value) {
            this.value = value;
        }

        @Override
        public synchronized Long getValue() {
            if (System.nanoTime() - atNanos >= HOLDS_NANOS) {
                known = value.getAsLong();
                atNanos = System.nanoTime();
            }
            return known;
        }
    }

    private static long snapshotAgeS(NodeGroup group) {
        Path snapshot = group.latestSnapshot();
        if (snapshot == null) {
            return -1;
        }
        try {
            long agoMs = System.currentTimeMillis()
                    - Files.getLastModifiedTime(snapshot).toMillis();
            return Math.max(0, agoMs / 1000);
        } catch (IOException e) {
            // It may just have given way to the next.
            return -1;
        }
    }

    private static long snapshotBytes(NodeGroup group) {
        Path snapshot = group.latestSnapshot();
        try {
            return snapshot == null ? 0 : Files.size(snapshot);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Map<String, Double> limitsUsed(List<NodeGroup> groups) {
        Map<String, Double> used = new TreeMap<>();
        for (NodeGroup group : groups) {
            double state = group.replica().<Double>read(machine -> share(machine.bytes(), machine.bytesMax()));
            double sessions =
                    group.replica().<Double>read(machine -> share(machine.sessionCount(), Limits.SESSIONS_MAX));
            used.merge("state", state, Math::max);
            used.merge("sessions", sessions, Math::max);
        }
        return used;
    }

    private static double share(long used, long max) {
        return max == 0 ? 0 : (double) used / max;
    }

    void disk(Path dataFolder) {
        gauge("disk.free-bytes", () -> {
            try {
                return Files.getFileStore(dataFolder).getUsableSpace();
            } catch (IOException e) {
                return -1L;
            }
        });
    }

    void clients(ClientPort port) {
        gauge("clients", port::connections);
    }

    /** @param port the name of the port that refuses */
    void denials(String port, Enum<?>[] reasons, ToLongFunction<Enum<?>> count) {
        for (Enum<?> reason : reasons) {
            String name = reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
            gauge("denied." + port + "." + name, () -> count.applyAsLong(reason));
        }
    }

    /** @param daysLeft until the first of the certificates expires */
    void certificates(LongSupplier daysLeft) {
        gauge("certificates.days-left", daysLeft::getAsLong);
    }

    void leading(NodeGroup group, boolean now) {
        if (!now) {
            led.remove(group);
        } else if (led.add(group)) {
            leaderChanges.inc();
        }
    }

    void answered(long queuedNanos, long loggedNanos) {
        queueTime.update(queuedNanos, TimeUnit.NANOSECONDS);
        logTime.update(loggedNanos, TimeUnit.NANOSECONDS);
        slow.answered(queuedNanos, loggedNanos);
    }

    void snapshotWritten(long nanos) {
        snapshotTime.update(nanos, TimeUnit.NANOSECONDS);
    }

    void snapshotInstalled() {
        snapshotsInstalled.inc();
    }

    private void applied(Batch batch, Applied applied, long nanos) {
        applyTime.update(nanos, TimeUnit.NANOSECONDS);
        int commands = 0;
        for (int i = 0; i < applied.replies().size(); i++) {
            List<SequencedCommand> asked = batch.sessions().get(i).commands();
            List<SequencedOutcome> outcomes = applied.replies().get(i).outcomes();
            commands += outcomes.size();
            for (int j = 0; j < outcomes.size(); j++) {
                count(asked.get(j).command(), outcomes.get(j).outcome());
            }
        }
        batchSize.update(commands);
        slow.applied(commands, nanos);
        for (SessionEvents events : applied.events()) {
            for (NumberedEvent event : events.events()) {
                count(event.event());
            }
        }
        for (Change change : applied.changes()) {
            if (isGrant(change.kind()) && change.lastedMs() != ChangeView.NOTHING_ENDED) {
                waitTime.update(change.lastedMs(), TimeUnit.MILLISECONDS);
            }
        }
        expired.inc(applied.expiredHolds());
        sessionsOpened.inc(applied.opened().size());
        sessionsEnded.inc(applied.ended().size());
    }

    private static boolean isGrant(ChangeKind kind) {
        return kind == ChangeKind.GRANTED || kind == ChangeKind.GRANTED_AGAIN;
    }

    private void count(Command command, Outcome outcome) {
        if (outcome instanceof Outcome.Granted || outcome instanceof Outcome.Drained) {
            granted.inc();
        } else if (outcome instanceof Outcome.Released && command instanceof Command.Release) {
            // A client that takes back an acquire which nobody wanted is answered the same.
            released.inc();
        } else if (outcome instanceof Outcome.Refused) {
            refused.inc();
        } else if (outcome instanceof Outcome.Queued) {
            queued.inc();
        } else if (outcome instanceof Outcome.ForceReleased force) {
            forced.inc(force.holds());
        } else if (outcome instanceof Outcome.GrantedAll all) {
            granted.inc(all.grants().size());
        } else if (outcome instanceof Outcome.RefusedAll) {
            refused.inc();
        }
    }

    private void count(Event event) {
        if (event instanceof Event.WaitGranted) {
            granted.inc();
        } else if (event instanceof Event.WaitEnded) {
            timedOut.inc();
        } else if (event instanceof Event.WaitGrantedAll all) {
            granted.inc(all.grants().size());
        }
    }

    /** Removes the gauges of a closed node from a registry that is still in use. */
    void close() {
        gauges.forEach(name -> registry.remove(PREFIX + name));
    }
}
