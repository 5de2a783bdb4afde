package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.cluster.RealCluster;
import dev.holdfast.jepsen.cluster.RefusedStart;
import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.invariant.Invariant;
import dev.holdfast.jepsen.mutants.NextRelease;
import dev.holdfast.jepsen.workload.Kind;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clusters whose members, and whose clients, have two releases: each that was recorded with this one, and this one with the next. */
@Tag("long")
class UpgradeIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int GRANTS = 30;
    private static final LockOwner ALICE = Holdfast.createLockOwner("person").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("person").of("bob");
    private static final Lockable KEPT = Holdfast.createLockable("kept").of();
    private static final Lockable TIMED = Holdfast.createLockable("timed").of();

    /** So patient that not even a very slow machine is taken for a cluster without a leader. */
    private static final ClientOptions PATIENT =
            ClientOptions.defaults().sessionLease(Duration.ofSeconds(60)).requestTimeout(PATIENCE);

    /** Which release is in the place of which. */
    enum Step {
        FROM_0_1(Kind.SEMAPHORE),
        TO_THE_NEXT(Kind.MUTEX);

        final Kind kind;

        Step(Kind kind) {
            this.kind = kind;
        }

        Release older() throws IOException {
            return this == FROM_0_1
                    ? Release.in(Path.of("src", "test", "resources", "recorded", "0.1", "lib"))
                    : Release.present();
        }

        Release newer(Path folder) throws IOException {
            return this == FROM_0_1
                    ? Release.present()
                    : NextRelease.of(
                            Path.of("").toAbsolutePath().getParent(), Files.createDirectories(folder.resolve("next")));
        }
    }

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private int backups;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T closing(T what) {
        opened.add(what);
        return what;
    }

    /** A cluster of the older release, clients of both at work, and holds of all kinds that have to outlast everything. */
    private final class Mixed {
        final Release older;
        final Release newer;
        final Path histories = Files.createDirectories(folder.resolve("histories"));
        final RealCluster cluster;
        final Clients clients;
        final HoldfastClient client;
        final LockHandle kept;
        final LockHandle timed;
        final CompletableFuture<AcquireResult> waiting;

        Mixed(Step step, int groups) throws Exception {
            older = step.older();
            newer = step.newer(folder);
            cluster = closing(RealCluster.start(
                    ClusterPlan.of(3).groups(groups).snapshots(200, 20).of(older)));
            clients = closing(Clients.start(step.kind, cluster, new Random().nextInt(1_000_000), histories, ""));
            client = closing(Holdfast.connect(cluster.servers(), PATIENT));
            kept = client.createLock()
                    .hold(ALICE, KEPT, AcquireOptions.defaults().untilReleased());
            timed = client.createLock()
                    .hold(ALICE, TIMED, AcquireOptions.defaults().ttl(Duration.ofHours(1)));
            waiting = client.createLock()
                    .acquireAsync(BOB, KEPT, AcquireOptions.defaults().wait(Duration.ofHours(1)))
                    .toCompletableFuture();
            clients.awaitGrants(GRANTS, PATIENCE);
        }

        void change(Peer peer, Release release) throws Exception {
            clients.forget(peer);
            cluster.change(peer, release);
            goOn();
        }

        /** Everybody is there again, and everything is as it was. */
        void goOn() throws Exception {
            cluster.awaitReady();
            clients.revive();
            clients.awaitGrants(GRANTS, PATIENCE);
            assertThat(client.createLock().get(KEPT).orElseThrow().token()).isEqualTo(kept.token());
            assertThat(client.createLock().get(TIMED).orElseThrow().token()).isEqualTo(timed.token());
            assertThat(kept.state()).isEqualTo(HoldState.HELD);
            assertThat(waiting).isNotDone();
        }

        /** A peer without data gets what is in nobody's log any more. */
        void sendSnapshotTo(Peer peer, Release release) throws Exception {
            clients.forget(peer);
            cluster.kill(peer);
            cluster.loseFolder(peer);
            cluster.awaitLogGone();
            cluster.install(peer, release);
            cluster.start(peer);
            cluster.change(Action.REPLACE, peer);
            goOn();
            assertThat(cluster.snapshotsInstalled(peer)).isPositive();
        }

        void end() throws Exception {
            kept.release();
            assertThat(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                            .orThrow()
                            .token())
                    .isGreaterThan(timed.token());
            timed.release();
            clients.stop();
            cluster.awaitEqualStates(PATIENCE);
            List<Operation> history = Clients.history(histories);
            assertThat(Judge.judge(history))
                    .allSatisfy(key -> assertThat(key.verdict()).as("%s", key).isEqualTo(Verdict.OK));
            assertThat(Invariant.checkAll(history)).isEmpty();
        }

        String log(Peer peer) throws IOException {
            return Files.readString(peer.log());
        }

        boolean hasSwitchedTo(int semantics) throws IOException {
            for (Peer peer : cluster.peers()) {
                if (log(peer).contains("semantics " + semantics + ": the cluster switches to them")) {
                    return true;
                }
            }
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(900)
    void members_are_upgraded_one_by_one_and_back_and_send_each_other_snapshots_and_backups(Step step)
            throws Exception {
        Mixed mixed = new Mixed(step, 2);
        Peer lastToChange = mixed.cluster.leader();
        List<Peer> followers = new ArrayList<>(mixed.cluster.peers());
        followers.remove(lastToChange);

        mixed.change(followers.get(0), mixed.newer);
        assertThat(mixed.cluster.leader()).isEqualTo(lastToChange);
        Path backup = backup(mixed, mixed.newer);
        assertThat(restore(mixed.older, backup).status()).isZero();
        mixed.sendSnapshotTo(followers.get(1), mixed.newer);
        // Whoever leads now is of the newer release.
        mixed.sendSnapshotTo(lastToChange, mixed.older);
        backup = backup(mixed, mixed.older);
        assertThat(restore(mixed.newer, backup).status()).isZero();

        for (Peer peer : followers) {
            mixed.change(peer, mixed.older);
        }
        for (Peer peer : mixed.cluster.peers()) {
            mixed.change(peer, mixed.newer);
        }
        mixed.end();
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(900)
    void once_all_know_newer_semantics_the_cluster_switches_and_the_older_release_is_refused_in_clear_words(Step step)
            throws Exception {
        Mixed mixed = new Mixed(step, 1);
        for (Peer peer : mixed.cluster.peers()) {
            mixed.change(peer, mixed.newer);
        }
        int before = semantics(mixed.older);
        int now = semantics(mixed.newer);
        if (now > before) {
            Awaitility.await("the switch").atMost(PATIENCE).until(() -> mixed.hasSwitchedTo(now));
            mixed.goOn();
            refused(mixed, mixed.cluster.peers().get(0), before, now);
            refused(mixed, mixed.cluster.leader(), before, now);
            refusedAsNewcomer(mixed, mixed.cluster.leader(), before, now);
            refusedBackup(mixed, before, now);
        }
        mixed.end();
    }

    /** With the data that it has. */
    private static void refused(Mixed mixed, Peer peer, int before, int now) throws Exception {
        mixed.clients.forget(peer);
        mixed.cluster.stop(peer);
        mixed.cluster.install(peer, mixed.older);
        RefusedStart refused = mixed.cluster.startInVain(peer);
        assertThat(refused.status()).as("%s", refused).isEqualTo(74);
        assertThat(refused.lines())
                .as("%s", refused)
                .anyMatch(line -> line.contains("semantics " + now)
                        && line.contains("semantics up to " + before)
                        && (line.contains("upgrade this peer") || line.contains("use a newer release")))
                .noneMatch(line -> line.contains("Repair") || line.contains("mpty the data folder"));
        mixed.cluster.install(peer, mixed.newer);
        mixed.cluster.start(peer);
        mixed.goOn();
    }

    /** Without data: it would be a member with a vote as soon as it was let in. */
    private static void refusedAsNewcomer(Mixed mixed, Peer peer, int before, int now) throws Exception {
        mixed.clients.forget(peer);
        mixed.cluster.stop(peer);
        mixed.cluster.loseFolder(peer);
        mixed.cluster.install(peer, mixed.older);
        mixed.cluster.start(peer);
        Awaitility.await("the complaint")
                .atMost(PATIENCE)
                .until(() -> mixed.log(peer).contains("does not fit into its cluster"));
        assertThat(mixed.log(peer))
                .contains("knows semantics up to " + before + ", and the cluster has switched to " + now
                        + ": upgrade that member");
        mixed.cluster.kill(peer);
        mixed.cluster.install(peer, mixed.newer);
        mixed.cluster.start(peer);
        mixed.cluster.change(Action.REPLACE, peer);
        mixed.goOn();
    }

    private void refusedBackup(Mixed mixed, int before, int now) throws Exception {
        RefusedStart refused = restore(mixed.older, backup(mixed, mixed.newer));
        assertThat(refused.status()).isEqualTo(74);
        assertThat(String.join("\n", refused.lines()))
                .contains("is of a newer release", "semantics " + now, "semantics up to " + before)
                .doesNotContain("damaged");
    }

    private Path backup(Mixed mixed, Release release) throws Exception {
        Path file = folder.resolve("backup-" + ++backups);
        RefusedStart ended = shell(release, "backup", file.toString(), "--servers", mixed.cluster.servers());
        assertThat(ended.status()).as("%s", ended).isZero();
        return file;
    }

    private RefusedStart restore(Release release, Path backup) throws Exception {
        String data = backup.resolveSibling(backup.getFileName() + "-restored").toString();
        return shell(release, "restore", backup.toString(), "--data", data, "--members", "a=localhost:7101:7201");
    }

    private static RefusedStart shell(Release release, String... arguments) throws Exception {
        List<String> said = new CopyOnWriteArrayList<>();
        try (ChildJvm shell = ChildJvm.plan(arguments[0], Main.class)
                .classPath(release.classPath())
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .arguments(arguments)
                .output(said::add)
                .errors(said::add)
                .guarded()
                .start()) {
            return new RefusedStart(shell.awaitEnd(PATIENCE), said);
        }
    }

    private static int semantics(Release release) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : release.classPath().split(File.pathSeparator, -1)) {
            urls.add(Path.of(entry).toUri().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            return loader.loadClass(ProtocolVersion.class.getName())
                    .getField("SEMANTICS")
                    .getInt(null);
        }
    }
}
