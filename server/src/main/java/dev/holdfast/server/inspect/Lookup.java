package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.client.info.SemaphoreInfo;
import dev.holdfast.protocol.Limits;
import dev.holdfast.server.shell.ClusterOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Looks up one key. */
public final class Lookup {

    /** The lock and the semaphore under that key, if anybody holds them or waits for them; asked within the time left. */
    public static List<LockableInfo> find(HoldfastClient client, Lockable lockable, ClusterOptions cluster) {
        List<LockableInfo> found = new ArrayList<>();
        Optional<LockInfo> lock =
                client.createLock().withRequestTimeout(cluster.timeLeft()).get(lockable);
        lock.ifPresent(info -> found.add(new LockableInfo(
                LockableKind.MUTEX, lockable.key(), 1, List.of(info.hold()), info.waiterCount(), info.waiters())));
        // The number of permits does not matter for a look.
        SemaphoreInfo semaphore = client.createSemaphore(Limits.PERMITS_MAX)
                .withRequestTimeout(cluster.timeLeft())
                .get(lockable);
        if (!semaphore.holds().isEmpty() || semaphore.waiterCount() > 0) {
            found.add(new LockableInfo(
                    LockableKind.SEMAPHORE,
                    lockable.key(),
                    semaphore.held(),
                    semaphore.holds(),
                    semaphore.waiterCount(),
                    semaphore.waiters()));
        }
        return found;
    }

    /** The owners of all their holds, with their tokens. */
    public static String owners(List<LockableInfo> held) {
        return held.stream()
                .flatMap(info -> info.holds().stream())
                .map(hold -> hold.owner() + " (token " + hold.token() + ")")
                .collect(Collectors.joining(", "));
    }

    private Lookup() {}
}
