package dev.holdfast.node;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.protocol.KeyGroups;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Data folders as earlier releases left them, in {@code src/test/resources/recorded/RELEASE}: {@code three.zip} of the three
 * members of a cluster of one group, of which one was killed and two were stopped, and {@code alone.zip} of a peer without others and
 * with two groups. {@code facts.properties} in each tells what is in them. A release is recorded once, and its files never change
 * after that.
 */
final class RecordedFolders {
    static final Path RECORDED = Path.of("src", "test", "resources", "recorded");
    static final String FACTS = "facts.properties";

    static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    static final Lockable KEPT = Holdfast.createLockable("kept").of();
    static final Lockable TWICE = Holdfast.createLockable("twice").of();
    static final Lockable POOL = Holdfast.createLockable("pool").of();
    static final int POOL_SIZE = 5;

    /** Some snapshots, and much of the log. */
    private static final RaftSettings SETTINGS = RaftSettings.DEFAULT
            .electionTimeouts(2000, 4000)
            .snapshots(/* every= */ 60, /* kept= */ 40)
            .logSegments(16 << 10);

    private static final int TURNS = 100;

    static void record(String release, Path temporary) throws Exception {
        Path folder = Files.createDirectories(RECORDED.resolve(release));
        recordThree(temporary.resolve("three"), folder.resolve("three.zip"));
        recordAlone(temporary.resolve("alone"), folder.resolve("alone.zip"));
    }

    private static void recordThree(Path root, Path zip) throws Exception {
        Files.createDirectories(root);
        Path copies = Files.createDirectories(root.resolveSibling("three-recorded"));
        Properties facts = new Properties();
        try (LocalCluster cluster = LocalCluster.start(root, 3, builder -> builder.ratis(SETTINGS))) {
            String killed = cluster.follower().id();
            HoldfastClient client = cluster.leader().client();
            fill(client);
            note(client, facts);
            String hash = cluster.awaitEqualHashes();
            facts.setProperty("group.0.applied", String.valueOf(cluster.leader().appliedIndex()));
            facts.setProperty("group.0.hash", hash);
            copy(cluster.folder(killed), copies.resolve(killed));
            for (String id : List.of("a", "b", "c")) {
                cluster.stop(id);
                if (!id.equals(killed)) {
                    copy(cluster.folder(id), copies.resolve(id));
                }
            }
        }
        write(facts, copies);
        pack(copies, zip);
    }

    private static void recordAlone(Path root, Path zip) throws Exception {
        Files.createDirectories(root);
        Properties facts = new Properties();
        try (HoldfastNode node = HoldfastNode.builder()
                .ratis(SETTINGS)
                .groups(2)
                .dataFolder(root)
                .start()) {
            fill(node.client());
            note(node.client(), facts);
            for (int group = 0; group < 2; group++) {
                facts.setProperty("group." + group + ".applied", String.valueOf(node.appliedIndex(group)));
                facts.setProperty("group." + group + ".hash", node.stateHash(group));
            }
        }
        write(facts, root);
        pack(root, zip);
    }

    /** A state with something of everything that there is. */
    private static void fill(HoldfastClient client) throws Exception {
        AcquireOptions kept = AcquireOptions.defaults().untilReleased();
        HoldfastLock lock = client.createLock();
        turn(lock, TURNS);
        keep(client, KEPT);
        HoldfastLock reentrant = client.createLock(LockOptions.defaults().reentrant());
        reentrant.acquire(BOB, TWICE, kept).orThrow();
        reentrant.acquire(BOB, TWICE, kept).orThrow();
        client.createSemaphore(POOL_SIZE).acquire(ALICE, POOL, 3, kept).orThrow();
        Lockable taken = new Lockable("taken", "taken/1");
        lock.acquire(ALICE, taken, kept).orThrow();
        lock.forceRelease(taken);
        client.putRule(AccessRule.parse("alice lock orders/ owner"));
        client.putRule(AccessRule.parse("@ops admin *"));
        lock.acquire(BOB, new Lockable("session", "session/1"), AcquireOptions.defaults())
                .orThrow();
        lock.acquire(
                        BOB,
                        new Lockable("leased", "leased/1"),
                        AcquireOptions.defaults().ttl(Duration.ofDays(1)))
                .orThrow();
        List<Lockable> several = IntStream.range(0, 100)
                .mapToObj(i -> "several/" + i)
                .filter(key -> KeyGroups.of(key, 2) == 0)
                .limit(2)
                .map(key -> new Lockable("several", key))
                .toList();
        lock.acquireAll(BOB, several, kept).orThrow();
        AcquireOptions patient = AcquireOptions.defaults().wait(Duration.ofDays(1));
        CompletableFuture<?> waits = lock.acquireAsync(ALICE, KEPT, patient).toCompletableFuture();
        CompletableFuture<?> waitsForAll =
                lock.acquireAllAsync(ALICE, several, patient).toCompletableFuture();
        turn(lock, TURNS);
        if (waits.isDone() || waitsForAll.isDone()) {
            throw new IllegalStateException("nobody waits");
        }
    }

    /** Acquires it for Bob until he releases it; returns its token. */
    static long keep(HoldfastClient client, Lockable lockable) throws InterruptedException {
        return client.createLock()
                .acquire(BOB, lockable, AcquireOptions.defaults().untilReleased())
                .token();
    }

    private static void turn(HoldfastLock lock, int turns) {
        for (int i = 0; i < turns; i++) {
            lock.hold(new Lockable("turn", "turn/" + i % 7)).release();
        }
    }

    private static void note(HoldfastClient client, Properties facts) {
        HoldfastLock lock = client.createLock();
        facts.setProperty(
                "kept.token", String.valueOf(lock.get(KEPT).orElseThrow().token()));
        facts.setProperty(
                "twice.token", String.valueOf(lock.get(TWICE).orElseThrow().token()));
        facts.setProperty("audited", String.valueOf(client.audit().count()));
    }

    private static void write(Properties facts, Path folder) throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve(FACTS))) {
            facts.store(out, null);
        }
    }

    /** As a power failure would leave it, if nothing is being written. */
    private static void copy(Path from, Path to) throws IOException {
        for (Path file : files(from)) {
            Path copy = to.resolve(from.relativize(file));
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void pack(Path folder, Path zip) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.setLevel(9);
            for (Path file : files(folder)) {
                out.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
                Files.copy(file, out);
                out.closeEntry();
            }
        }
    }

    /** Puts the folders there, and returns what is known of them. */
    static Properties unpack(Path zip, Path folder) throws IOException {
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(in, file);
            }
        }
        Properties facts = new Properties();
        try (InputStream in = Files.newInputStream(folder.resolve(FACTS))) {
            facts.load(in);
        }
        return facts;
    }

    static Stream<Path> releases() throws IOException {
        try (Stream<Path> folders = Files.list(RECORDED)) {
            return folders.sorted().toList().stream();
        }
    }

    private RecordedFolders() {}
}
