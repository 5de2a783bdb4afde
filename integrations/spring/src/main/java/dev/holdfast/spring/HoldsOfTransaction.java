package dev.holdfast.spring;

import dev.holdfast.client.errors.LockException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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

    private final Set<Hold> kept = new LinkedHashSet<>();
    private final Set<Hold> needed = new LinkedHashSet<>();

    /** Those of the transaction that the thread is in. */
    static HoldsOfTransaction ofThread() {
        for (TransactionSynchronization each : TransactionSynchronizationManager.getSynchronizations()) {
            if (each instanceof HoldsOfTransaction mine) {
                return mine;
            }
        }
        HoldsOfTransaction mine = new HoldsOfTransaction();
        TransactionSynchronizationManager.registerSynchronization(mine);
        return mine;
    }

    /** The transaction has a claim to it. */
    void keep(Hold hold) {
        if (kept.add(hold)) {
            hold.claim();
        }
    }

    /** The transaction began under it. */
    void need(Hold hold) {
        needed.add(hold);
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        // What it throws rolls the transaction back, and is thrown to whoever commits. A method that was interrupted
        // may have thrown
        // an InterruptedException, which is checked, and Spring commits what it has done so far.
        kept.forEach(Hold::requireUndisturbed);
        needed.forEach(Hold::requireUndisturbed);
    }

    @Override
    public void afterCommit() {
        for (Hold hold : kept) {
            try {
                hold.requireNotLost();
            } catch (LockException lost) {
                lost.addSuppressed(
                        new IllegalStateException("The transaction was committed, and the lock was lost meanwhile"));
                throw lost;
            }
        }
    }

    @Override
    public void afterCompletion(int status) {
        Map<Hold, CompletableFuture<@Nullable LockException>> releases = new LinkedHashMap<>();
        for (Hold hold : kept) {
            if (hold.unclaim()) {
                releases.put(hold, Releases.releaseAsync(hold.handle()));
            }
        }
        kept.clear();
        releases.forEach((hold, release) -> {
            LockException lost = release.join();
            if (lost != null) {
                LOG.warn(
                        "The transaction ended ({}), and lock '{}' had been lost: {}",
                        status == STATUS_COMMITTED
                                ? "committed"
                                : status == STATUS_ROLLED_BACK ? "rolled back" : "unknown",
                        hold.handle().lockable().key(),
                        lost.getMessage());
            }
        });
    }
}
