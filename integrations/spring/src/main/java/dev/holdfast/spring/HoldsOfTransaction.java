package dev.holdfast.spring;

import dev.holdfast.client.errors.LockException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The locks of one transaction. Some are kept until it has ended: those that were taken within it. Under others it began, and they
 * outlive it. If any of them is lost, it does not commit.
 *
 * <p>Spring calls each transaction's own, so one that is suspended keeps its locks.
 *
 * <p>Why it is so: docs/adr/026-locked-outside-the-transaction.md.
 */
final class HoldsOfTransaction implements TransactionSynchronization {
    private static final Logger LOG = LoggerFactory.getLogger(HoldsOfTransaction.class);

    // All guarded by this: a transaction may end on another thread than it began on.
    private final Set<Hold> kept = new LinkedHashSet<>();
    private final Set<Hold> needed = new LinkedHashSet<>();
    private final Set<Hold> committing = new LinkedHashSet<>();
    private boolean ended;

    /** Whether the manager has told that it is about to end, and will tell when it has. */
    private volatile boolean told;

    /** What was lost when it had committed already. */
    private volatile @Nullable LockException lost;

    /** Those of the transaction that the thread is in; {@code null} if there are none. */
    static @Nullable HoldsOfTransaction find() {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            for (TransactionSynchronization each : TransactionSynchronizationManager.getSynchronizations()) {
                if (each instanceof HoldsOfTransaction mine) {
                    return mine;
                }
            }
        }
        return null;
    }

    /** Those of the transaction that the thread is in. */
    static HoldsOfTransaction ofThread() {
        HoldsOfTransaction found = find();
        if (found != null) {
            return found;
        }
        HoldsOfTransaction mine = new HoldsOfTransaction();
        TransactionSynchronizationManager.registerSynchronization(mine);
        return mine;
    }

    /** The transaction has a claim to it, unless it has ended. */
    synchronized void keep(Hold hold) {
        if (!ended && !kept.contains(hold) && hold.claim()) {
            kept.add(hold);
        }
    }

    /** The transaction began under it. */
    synchronized void need(Hold hold) {
        needed.add(hold);
    }

    /** Throws if it must not commit. No interrupt comes from then on until it has ended. */
    synchronized void requireUndisturbed() {
        // A method that was interrupted may have thrown an InterruptedException, which is checked, and Spring commits
        // what
        // it has done so far.
        Set<Hold> all = new LinkedHashSet<>(kept);
        all.addAll(needed);
        for (Hold hold : all) {
            if (committing.contains(hold)) {
                hold.requireUndisturbed();
            } else {
                hold.beginCommit();
                committing.add(hold);
            }
        }
    }

    /** The manager is about to end it, and will tell when it has. */
    void told() {
        told = true;
    }

    /** What was lost when it had committed already; {@code null} if nothing was. */
    @Nullable
    LockException lost() {
        return lost;
    }

    /** What it throws rolls the transaction back, and is thrown to whoever commits. */
    @Override
    public void beforeCommit(boolean readOnly) {
        requireUndisturbed();
    }

    @Override
    public void afterCompletion(int status) {
        Map<Hold, CompletableFuture<@Nullable LockException>> releases = new LinkedHashMap<>();
        for (Hold hold : end(status)) {
            if (hold.unclaim()) {
                releases.put(hold, Releases.releaseAsync(hold.handle()));
            }
        }
        if (status == STATUS_UNKNOWN && !told && !releases.isEmpty()) {
            LOG.error(
                    "The transaction manager does not know how the transaction ended, and perhaps it has not: if it was begun outside "
                            + "Spring, the lock is released while it is still open. Released: {}",
                    releases.keySet().stream()
                            .map(hold -> hold.handle().lockable().key())
                            .toList());
        }
        releases.forEach((hold, release) -> tell(hold, release.join(), status));
    }

    private synchronized List<Hold> end(int status) {
        ended = true;
        committing.forEach(Hold::endCommit);
        committing.clear();
        if (status == STATUS_COMMITTED) {
            needed.forEach(Hold::committed);
        }
        List<Hold> last = List.copyOf(kept);
        kept.clear();
        return last;
    }

    private void tell(Hold hold, @Nullable LockException failure, int status) {
        if (failure == null) {
            return;
        }
        if (status == STATUS_COMMITTED && told && lost == null) {
            failure.addSuppressed(
                    new IllegalStateException("The transaction was committed, and the lock was lost meanwhile"));
            lost = failure;
            return;
        }
        LOG.warn(
                "The transaction ended ({}), and lock '{}' had been lost: {}",
                status == STATUS_COMMITTED ? "committed" : status == STATUS_ROLLED_BACK ? "rolled back" : "unknown",
                hold.handle().lockable().key(),
                failure.getMessage());
    }
}
