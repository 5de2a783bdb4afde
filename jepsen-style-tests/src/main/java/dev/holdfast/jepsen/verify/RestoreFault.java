package dev.holdfast.jepsen.verify;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Reach;
import dev.holdfast.jepsen.verify.Fault.Spared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * A backup is taken under load; a little later all members lose their data, and another cluster begins with the backup. What is held until
 * it is released is held still; no token comes twice; and nobody takes the one cluster for the other.
 */
final class RestoreFault {
    static final String NAME = "restore-backup";

    private static final LockOwner KEEPER = Holdfast.createLockOwner("keeper").of("one");
    private static final LockOwner ANOTHER = Holdfast.createLockOwner("keeper").of("another");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int GRANTS_AFTER_BACKUP = 20;

    private final Lockable kept = Holdfast.createLockable("kept").of();

    static Fault fault() {
        RestoreFault fault = new RestoreFault();
        return new Fault(
                NAME,
                3,
                Duration.ZERO,
                UnaryOperator.<ClusterPlan>identity(),
                Spared.NOT,
                null,
                target -> {},
                fault::restore);
    }

    private void restore(Target target) throws Exception {
        try (HoldfastClient before = connect(target)) {
            // Of a backup that was restored earlier it may be held already.
            long token =
                    before.createLock().acquire(KEEPER, kept, untilReleased()).token();
            Path folder = Files.createTempDirectory("holdfast-backup-");
            Path file = folder.resolve("of.backup");
            target.cluster.backUp(file);
            target.clients.awaitGrants(GRANTS_AFTER_BACKUP, PATIENCE);
            target.clients.stop();
            for (var peer : target.cluster.peers()) {
                target.cluster.kill(peer);
            }
            target.cluster.restore(file);
            Files.delete(file);
            Files.delete(folder);
            for (var peer : target.cluster.peers()) {
                target.cluster.start(peer);
            }
            target.cluster.awaitReady();
            target.clients.beginAnew();
            target.bystander.connectAnew(target.cluster.servers());
            target.note("with token " + token + " held until it is released");
            mustBeStrangers(before);
            mustBeHeld(target, token);
        }
    }

    private static HoldfastClient connect(Target target) {
        return Reach.connect(
                target.cluster.servers(),
                ClientOptions.defaults().name("keeper").requestTimeout(PATIENCE));
    }

    private static AcquireOptions untilReleased() {
        return AcquireOptions.defaults().untilReleased();
    }

    /** A client of the cluster that was before. */
    private void mustBeStrangers(HoldfastClient before) {
        boolean isAnswered;
        try {
            var unused = before.createLock()
                    .withRequestTimeout(Duration.ofSeconds(10))
                    .get(kept);
            isAnswered = true;
        } catch (LockException e) {
            isAnswered = false;
        }
        if (isAnswered) {
            throw new IllegalStateException("a client takes the restored cluster for the one that it was of");
        }
    }

    private void mustBeHeld(Target target, long token) throws InterruptedException {
        try (HoldfastClient after = connect(target)) {
            long now = after.createLock().get(kept).map(info -> info.token()).orElse(0L);
            boolean isGranted =
                    after.createLock().acquire(ANOTHER, kept, untilReleased()).acquired();
            if (now != token || isGranted) {
                throw new IllegalStateException(
                        "token " + token + " was held until it is released when the backup was taken;"
                                + " afterwards it is " + now + (isGranted ? ", and another was granted the same" : ""));
            }
        }
    }
}
