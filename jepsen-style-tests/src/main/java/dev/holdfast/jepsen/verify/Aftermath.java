package dev.holdfast.jepsen.verify;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.jepsen.cluster.Reach;
import dev.holdfast.jepsen.cluster.RealCluster;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.workload.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What must be possible when all faults are over and all callers have ended. */
final class Aftermath {
    private static final LockOwner LAST = Holdfast.createLockOwner("last").of("one");

    /** The longest lease of those callers, and ample time for a slow machine: what is never released cannot be had at all. */
    private static final Duration WAIT = Duration.ofMinutes(2);

    private final RealCluster cluster;
    private final Kind kind;

    Aftermath(RealCluster cluster, Kind kind) {
        this.cluster = cluster;
        this.kind = kind;
    }

    /**
     * As a new client, acquires every key with all its permits, and releases it. Returns which could not be acquired,
     * and why.
     */
    List<String> keysThatCannotBeAcquired(List<Operation> history) throws InterruptedException {
        TreeSet<String> keys = history.stream()
                .filter(operation -> !Judge.isOfRegister(operation))
                .map(Operation::key)
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> complaints = new ArrayList<>();
        try (HoldfastClient client = Reach.connect(
                cluster.servers(), ClientOptions.defaults().name("last").requestTimeout(WAIT))) {
            for (String key : keys) {
                try (LockHandle handle =
                        hold(client, Holdfast.createLockable(key).of())) {
                    if (handle.token() <= 0) {
                        complaints.add(key + " was granted with token " + handle.token());
                    }
                } catch (LockException e) {
                    complaints.add(key + " could not be acquired afterwards: " + e.getMessage());
                }
            }
        }
        return complaints;
    }

    private LockHandle hold(HoldfastClient client, Lockable lockable) throws InterruptedException {
        AcquireOptions options = AcquireOptions.defaults().wait(WAIT);
        int limit = kind.limit();
        return limit == 1
                ? client.createLock().hold(LAST, lockable, options)
                : client.createSemaphore(limit).hold(LAST, lockable, limit, options);
    }
}
