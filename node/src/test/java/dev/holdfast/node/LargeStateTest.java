package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.node.support.Bystander;
import dev.holdfast.node.support.Frames;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.codec.ReplyCodec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.ratis.util.FileUtils;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three peers whose state is as large as the limits permit: it is put into snapshots, read again by a peer that restarts, sent to one
 * that has lost its disk, listed, and taken down, while a client with a short lease goes on. {@code AtTheLimitsTest} does the same to
 * the state machine alone, in more shapes.
 */
@Tag("long")
class LargeStateTest {
    private static final Duration BYSTANDERS_LEASE = Duration.ofSeconds(2);
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
    private static final int BATCH = 900;
    private static final long SNAPSHOT_BYTES = 8 << 20;

    /** How many batches are under way at a time. */
    private static final int WINDOW = 4;

    /** Small against what comes in, so that snapshots are taken and the log is purged meanwhile. */
    private static final RaftSettings SETTINGS = RaftSettings.DEFAULT
            .electionTimeouts(2000, 4000)
            .snapshotBytes(SNAPSHOT_BYTES)
            .snapshots(1_000_000, 100);

    /** How a cluster is filled, and how it is emptied again. */
    private interface Step {
        void of(Filled cluster) throws Exception;
    }

    private interface Work {
        void run() throws Exception;
    }

    @TempDir
    private Path folder;

    @TestFactory
    List<DynamicTest> whatever_the_state_is_like_it_is_kept_sent_listed_and_taken_down_and_nobody_else_notices() {
        int most = Limits.WAITERS_PER_LOCKABLE_MAX;
        return List.of(
                test("holds of one session", cluster -> cluster.holds(300_000, Lease.SESSION), Filled::closeSessions),
                test("leases that end together", cluster -> cluster.leases(200_000), Filled::awaitEmpty),
                test("held until released", cluster -> cluster.holds(20_000, Lease.UNTIL_RELEASED), Filled::forceAll),
                test("five queues", cluster -> cluster.queues(5, most), Filled::closeSessions),
                test("holders and a queue", cluster -> cluster.semaphore(most), Filled::closeSessions),
                test("long keys", cluster -> cluster.longKeys(60_000), Filled::closeSessions),
                test("sessions", cluster -> cluster.sessions(20_000), Filled::awaitEmpty));
    }

    private DynamicTest test(String name, Step fill, Step empty) {
        return DynamicTest.dynamicTest(name, () -> {
            Path place = folder.resolve(name.replace(' ', '-'));
            try (Filled cluster = new Filled(name, place)) {
                cluster.check(fill, empty);
            }
            FileUtils.deleteFully(place);
        });
    }

    /** What a peer has; the bystander's own is hardly any of it. */
    private record Counts(long holds, long waiters, int sessions, long bytes) {
        static Counts of(HoldfastNode node) {
            return node.group(0)
                    .replica()
                    .read(machine -> new Counts(
                            machine.holdCount(), machine.waiterCount(), machine.sessionCount(), machine.bytes()));
        }

        boolean isLike(Counts other) {
            return Math.abs(holds - other.holds) <= 1 && waiters == other.waiters && sessions == other.sessions;
        }
    }

    private static final class Filled implements AutoCloseable {
        private final String name;
        private final LocalCluster cluster;
        private final Bystander bystander;
        private final RawClient client;

        /** With the last sequence that each has used. */
        private final Map<SessionId, Long> sessions = new LinkedHashMap<>();

        private long requests = 1;
        private int unanswered;
        private long folderBytes;

        Filled(String name, Path folder) throws Exception {
            this.name = name;
            cluster = LocalCluster.start(folder, 3, builder -> builder.ratis(SETTINGS));
            bystander =
                    new Bystander(cluster.servers(), ClientOptions.defaults().sessionLease(BYSTANDERS_LEASE));
            client = RawClient.welcomed(cluster.leader().member().clientAddress());
        }

        void check(Step fill, Step empty) throws Exception {
            pools().forEach(MemoryPoolMXBean::resetPeakUsage);
            timed("filled", () -> fill.of(this));
            Counts full = Counts.of(cluster.leader());
            System.out.printf(
                    "LargeStateTest: %s: %,d holds, %,d waiters, %,d sessions; %,d MiB of state%n",
                    name, full.holds(), full.waiters(), full.sessions(), full.bytes() >> 20);
            timed("restarted", this::restartFollower);
            timed("sent to a new disk", this::replaceFollower);
            timed("listed", this::list);
            measureFolders();
            timed("emptied", () -> {
                empty.of(this);
                awaitEmpty();
            });
            measureFolders();
            bystander.goesOn();
            // It would go on to change what is compared.
            bystander.close();
            cluster.awaitEqualHashes();
            System.out.printf(
                    "    peak of the heap that all share %,d MiB; largest folder %,d MiB%n",
                    pools().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() >> 20, folderBytes >> 20);
            // Two snapshots and one that is being written, each hardly larger than the state; the log since the older
            // one; and what
            // comes in while they are written.
            long logs = 3 * Math.max(full.bytes(), SNAPSHOT_BYTES);
            assertThat(folderBytes).as("bytes in a data folder").isLessThan(3 * full.bytes() + logs + (64 << 20));
        }

        private void timed(String what, Work work) throws Exception {
            long start = System.nanoTime();
            work.run();
            System.out.printf(
                    "    %s in %,d ms; slowest round of a bystander %,d ms%n",
                    what,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
                    bystander.slowest().toMillis());
            bystander.noticedNothing();
        }

        private void restartFollower() throws IOException {
            String id = cluster.follower().id();
            cluster.stop(id);
            cluster.start(id);
            awaitEqualCounts();
        }

        private void replaceFollower() throws Exception {
            String id = cluster.follower().id();
            cluster.stop(id);
            FileUtils.deleteFully(cluster.folder(id));
            HoldfastNode newcomer = cluster.start(id);
            await().atMost(LocalCluster.PATIENCE)
                    .until(() -> !newcomer.clusterId().isEmpty());
            MemberChange replace = MemberChange.of(MemberChange.Action.REPLACE, id);
            await().atMost(LocalCluster.PATIENCE)
                    .ignoreExceptionsInstanceOf(MemberChangeException.class)
                    .until(() -> cluster.leader()
                            .membership()
                            .change(replace, LocalCluster.PATIENCE)
                            .changed());
            awaitEqualCounts();
        }

        private void awaitEqualCounts() {
            await().atMost(LocalCluster.PATIENCE).until(() -> {
                Counts expected = Counts.of(cluster.leader());
                return cluster.nodes().stream().allMatch(node -> Counts.of(node).isLike(expected));
            });
        }

        private void list() {
            try (Stream<LockableInfo> all = bystander.client().list("")) {
                assertThat(all.count()).isPositive();
            }
        }

        void holds(int count, Lease lease) throws Exception {
            send(count, i -> Frames.acquire("k" + i, "holder", lease, 0));
        }

        void leases(int count) throws Exception {
            long end = endOfAll();
            send(count, i -> Frames.acquire("k" + i, "holder", Lease.ttl(leftMs(end)), 0));
        }

        void longKeys(int count) throws Exception {
            String padding = "x".repeat(Limits.KEY_BYTES_MAX - 10);
            send(count, i -> Frames.acquire(padding + i, "holder", Lease.SESSION, 0));
        }

        void queues(int queues, int each) throws Exception {
            for (int q = 0; q < queues; q++) {
                String key = "q" + q;
                send(1 + each, i -> Frames.acquire(key, "o" + i, Lease.SESSION, HOUR_MS));
            }
        }

        /** When the holders end, all others are granted at once. */
        void semaphore(int count) throws Exception {
            send(count, i -> permit("holder" + i, count));
            send(count, i -> permit("waiter" + i, count));
        }

        private static Command.Acquire permit(String owner, int limit) {
            return new Command.Acquire(
                    LockableKey.semaphore("pool"), Owner.of("raw", owner), 1, limit, false, Lease.SESSION, HOUR_MS);
        }

        /** Nobody keeps them alive. */
        void sessions(int count) throws Exception {
            long end = endOfAll();
            for (int i = 0; i < count; i++) {
                Command.OpenSession open = new Command.OpenSession(leftMs(end), "here", "crowd");
                submit(Frames.batch(new SessionId(i + 1, 0), 0, open));
                while (unanswered > 64) {
                    awaitAnswer();
                }
            }
            awaitAnswers();
        }

        /** Some time after the last was opened or acquired. */
        private static long endOfAll() {
            return System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        }

        private static long leftMs(long endNanos) {
            return Math.max(1000, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
        }

        void closeSessions() throws Exception {
            for (Map.Entry<SessionId, Long> each : sessions.entrySet()) {
                submit(Frames.batch(each.getKey(), each.getValue() + 1, new Command.CloseSession()));
                awaitAnswers();
            }
        }

        void forceAll() {
            HoldfastLock lock = bystander.client().createLock();
            try (Stream<LockableInfo> all = bystander.client().list("k")) {
                CompletableFuture.allOf(all.map(LockableInfo::key)
                                .filter(each -> each.matches("k\\d+"))
                                .map(each -> lock.forceReleaseAsync(new Lockable(each, each))
                                        .toCompletableFuture())
                                .toArray(CompletableFuture[]::new))
                        .join();
            }
        }

        /** Only the bystander is left, and whoever held what is held by nobody any more. */
        void awaitEmpty() {
            await().atMost(LocalCluster.PATIENCE)
                    .until(() -> cluster.nodes().stream()
                            .map(Counts::of)
                            .allMatch(now -> now.holds() <= 2 && now.waiters() == 0 && now.sessions() < 10));
        }

        /** By a session of their own. */
        private void send(int count, IntFunction<ClientCommand> command) throws Exception {
            SessionId session = Frames.openSession(client, HOUR_MS);
            Deque<Long> underWay = new ArrayDeque<>();
            long answered = 0;
            for (int from = 0; from < count; from += BATCH) {
                int to = Math.min(from + BATCH, count);
                submit(new SessionBatch(
                        session,
                        answered,
                        0,
                        IntStream.range(from, to)
                                .mapToObj(i -> new SequencedCommand(i + 1, command.apply(i)))
                                .toList()));
                underWay.add((long) to);
                if (underWay.size() == WINDOW) {
                    awaitAnswer();
                    answered = underWay.remove();
                }
            }
            awaitAnswers();
            sessions.put(session, (long) count);
        }

        private void submit(SessionBatch batch) {
            unanswered++;
            client.send(Frames.submit(++requests, batch));
        }

        private void awaitAnswers() throws Exception {
            while (unanswered > 0) {
                awaitAnswer();
            }
        }

        private void awaitAnswer() throws Exception {
            ServerFrame frame = client.next();
            assertThat(frame.hasSubmitReply()).as("a reply: %s", frame).isTrue();
            assertThat(ReplyCodec.decode(frame.getSubmitReply().getReply()).outcomes())
                    .isNotEmpty()
                    .allSatisfy(each -> assertThat(each.outcome())
                            .isInstanceOfAny(
                                    Outcome.Granted.class,
                                    Outcome.Queued.class,
                                    Outcome.SessionOpened.class,
                                    Outcome.SessionClosed.class));
            unanswered--;
        }

        private void measureFolders() throws IOException {
            for (HoldfastNode node : cluster.nodes()) {
                folderBytes = Math.max(folderBytes, bytes(cluster.folder(node.id())));
            }
        }

        private static long bytes(Path under) throws IOException {
            AtomicLong sum = new AtomicLong();
            Files.walkFileTree(under, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum.addAndGet(attributes.size());
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    // Files go while one looks.
                    return FileVisitResult.CONTINUE;
                }
            });
            return sum.get();
        }

        private static Stream<MemoryPoolMXBean> pools() {
            return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP);
        }

        @Override
        public void close() {
            client.close();
            bystander.close();
            cluster.close();
        }
    }
}
