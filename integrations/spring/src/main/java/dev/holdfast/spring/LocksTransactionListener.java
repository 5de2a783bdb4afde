package dev.holdfast.spring;

import dev.holdfast.client.errors.LockException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionStatus;

/**
 * A transaction that begins under locks needs them until it commits. They are looked at as late as can be: when all
 * callbacks before the commit have run. What was lost after that is thrown when all callbacks after the commit have run.
 */
final class LocksTransactionListener implements TransactionExecutionListener {
    /** Between the two, Spring has forgotten what was registered with the transaction. */
    private final Map<TransactionExecution, HoldsOfTransaction> ending =
            Collections.synchronizedMap(new WeakHashMap<>());

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
        List<Hold> running = ThreadHolds.running();
        if (failure == null && !running.isEmpty() && SpringTransactions.isInTransaction()) {
            HoldsOfTransaction mine = HoldsOfTransaction.ofThread();
            running.forEach(mine::need);
        }
    }

    /** A savepoint within a transaction is given up in its time, and the transaction goes on. */
    private static boolean isPart(TransactionExecution transaction) {
        return transaction instanceof TransactionStatus status && status.hasSavepoint();
    }

    @Override
    public void beforeCommit(TransactionExecution transaction) {
        HoldsOfTransaction mine = HoldsOfTransaction.find();
        if (mine != null && !isPart(transaction)) {
            mine.requireUndisturbed();
            mine.told();
            ending.put(transaction, mine);
        }
    }

    @Override
    public void afterCommit(TransactionExecution transaction, @Nullable Throwable failure) {
        HoldsOfTransaction mine = ending.remove(transaction);
        LockException lost = mine == null ? null : mine.lost();
        if (lost != null && failure == null) {
            throw lost;
        }
    }

    @Override
    public void beforeRollback(TransactionExecution transaction) {
        HoldsOfTransaction mine = HoldsOfTransaction.find();
        if (mine != null && !isPart(transaction)) {
            mine.told();
        }
    }

    @Override
    public void afterRollback(TransactionExecution transaction, @Nullable Throwable failure) {
        ending.remove(transaction);
    }
}
