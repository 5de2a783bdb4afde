package dev.holdfast.spring;

import org.springframework.util.ClassUtils;

/** What a lock has to do with the transactions of its thread. */
interface Transactions {
    /** Whether the application has Spring's transactions. */
    boolean PRESENT = ClassUtils.isPresent(
            "org.springframework.transaction.support.TransactionSynchronizationManager",
            Transactions.class.getClassLoader());

    /** There are none. */
    Transactions NONE = hold -> {};

    /** If the thread is in a transaction, that one has a claim to the hold until it has ended. */
    void claim(Hold hold);
}
