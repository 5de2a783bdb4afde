package dev.holdfast.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/** A transaction that begins under locks needs them until it commits. */
final class TransactionBeginListener implements TransactionExecutionListener {

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
        List<Hold> running = ThreadHolds.running();
        if (failure == null && !running.isEmpty() && SpringTransactions.isInTransaction()) {
            HoldsOfTransaction mine = HoldsOfTransaction.ofThread();
            running.forEach(mine::need);
        }
    }
}
