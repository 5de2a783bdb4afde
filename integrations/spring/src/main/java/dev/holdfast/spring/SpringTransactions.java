package dev.holdfast.spring;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/** {@link Transactions} of Spring that are bound to threads. */
final class SpringTransactions implements Transactions {

    @Override
    public void claim(Hold hold) {
        if (isInTransaction()) {
            HoldsOfTransaction.ofThread().keep(hold);
        }
    }

    static boolean isInTransaction() {
        return TransactionSynchronizationManager.isSynchronizationActive()
                && TransactionSynchronizationManager.isActualTransactionActive();
    }
}
