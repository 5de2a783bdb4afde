package dev.holdfast.spring;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockExpiredException;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The method runs under a lock: no other call anywhere that asks for the same name and key runs at the same time. It takes
 * {@link EnableHoldfastLocking}, and a bean of type {@link dev.holdfast.client.HoldfastClient}.
 *
 * <pre>{@code
 * @Locked(name = "order", key = "#order.id", waitFor = "5s")
 * @Transactional
 * public void ship(Order order) { ... }
 * }</pre>
 *
 * <p><b>Transactions.</b> The lock is taken before the method's transaction begins, and released after it has ended, so that the
 * next holder sees what was committed. If the method is called within a transaction, the lock is kept until its manager says that
 * it has ended: that of a caller, too. A transaction that began under the lock, or took it, is rolled back instead of
 * committed if the lock was lost meanwhile and the client knows. Only a fencing token ({@link Token}) stops a write of a process
 * that was paused between that check and the commit. A transaction that was begun outside Spring is covered only if its manager hears
 * of its end: a {@code JtaTransactionManager} does with a {@code TransactionManager} or a
 * {@code TransactionSynchronizationRegistry}. Others release the lock while it is still open, and an error is logged.
 *
 * <p><b>Threads.</b> A lock belongs to the thread that runs the method: two threads exclude each other, in one process as well.
 * Called again on the same thread, with the same name and key, the method runs under the lock that the thread has: it
 * neither waits nor takes it anew, and a {@link #ttl} may prolong the hold, never shorten it. The lock is free when the last of
 * these calls, and of the transactions that they ran in, has ended.
 *
 * <p><b>Where.</b> On methods, of an interface too; on a class or an interface it counts for all public methods that have none of
 * their own, which replaces it as a whole: for those that are declared there, or in what extends or implements it, and not for those
 * that it inherits from a class without the annotation. It may be used as a meta-annotation. {@link #name}, {@link #key}, {@link #waitFor} and {@link #ttl} may have
 * {@code ${placeholders}}.
 *
 * <p><b>What is refused.</b> The lock is taken by the bean's proxy. So the application does not start if the proxy cannot take it:
 * for a private, package-private, final or static method, for a bean without a proxy, for a call of the method
 * on {@code this}, where {@code this} is handed over as something that has the method, and for methods that Spring calls as it makes or
 * destroys the bean (see {@link #selfCalls}). Neither does it start if the method's result arrives later, as a future, a
 * reactive type, a {@code Callable} or a stream, since the lock would be released before the work is done; nor if an attribute cannot be
 * understood. If only the result itself tells that it arrives later, the call fails with an {@link IllegalStateException}. What
 * is not found: calls by reflection, and {@code this} in a field, in a collection or as the result of a method.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface Locked {

    /** What kind of thing is locked. Methods that protect the same thing have the same name. */
    String name();

    /**
     * A SpEL expression that tells which of them, such as {@code "#order.id"}; none if there is only one. The lock's key is
     * {@code name:value}, as that of {@code Holdfast.createLockable(name, LockableOptions.plural()).of(value)}.
     *
     * <p>It sees the parameters by name ({@code #order}, if compiled with {@code -parameters}) and by position ({@code #p0},
     * {@code #a0}), the bean ({@code target}) and the {@code method}, and other beans ({@code @tenant.id}). A list, such as
     * <code>"{#tenant, #order.id}"</code>, an array or a {@code SortedSet} is a key of several parts. A call fails with
     * {@link LockKeyException} if the value is null or blank, has no {@code toString} of its own, or is another collection, a map or a
     * JDK proxy, whose text may differ from one process to the next.
     */
    String key() default "";

    /**
     * How long to wait for the lock: {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}, {@code 1d}, ISO 8601, or {@code forever}. By
     * default not at all.
     */
    String waitFor() default "";

    /**
     * How long the lock lives, in the same format. By default as long as the client, which renews it; if the process dies, its lock is free
     * as soon as its session lapses. With a TTL it ends after exactly that time, whatever becomes of the process.
     */
    String ttl() default "";

    /** What happens if the lock is not to be had. */
    OnRefused onRefused() default OnRefused.FAIL;

    /** What happens if the lock is lost while the method runs. */
    OnLoss onLoss() default OnLoss.INTERRUPT;

    /**
     * What happens if a method of the same bean calls this one on {@code this}, which goes past the proxy, and so past the lock.
     * Calls from a method that is under the same lock in any case are no problem: it has the same name, and neither has a key. It counts
     * likewise where {@code this} is handed over, and where Spring calls the method as it makes or destroys the bean.
     */
    SelfCalls selfCalls() default SelfCalls.REFUSE;

    /** See {@link #onRefused}. A cluster that does not answer is no refusal: that is an exception in any case. */
    enum OnRefused {
        /** The call fails with {@link LockAlreadyHeldException}. */
        FAIL,
        /**
         * The method is not run. The call returns {@code null}, {@code false} or an empty {@code Optional}. A method that returns
         * another primitive could not tell, and is refused at the start.
         */
        SKIP
    }

    /** See {@link #onLoss}. In either case the call fails, even if the method returns, and the transaction is not committed. */
    enum OnLoss {
        /**
         * The thread is interrupted while there is still time to stop, and again when the lock is lost, exactly as by
         * {@link dev.holdfast.client.HoldfastLock#withLock}; not while a transaction under the lock commits, and never after the call has
         * ended: advice behind that of the lock belongs to the call. If the method then throws, the caller
         * gets {@link dev.holdfast.client.errors.LockExpiringException} or {@link LockExpiredException}, with what it threw suppressed.
         * A transaction under the lock does not commit after an interrupt.
         */
        INTERRUPT,
        /**
         * The method runs to its end, undisturbed, and the call then fails with {@link LockExpiredException} or the like. Called
         * from one with {@link #INTERRUPT} under the same lock, it is interrupted as that one is.
         */
        FAIL
    }

    /** See {@link #selfCalls}. */
    enum SelfCalls {
        /** The application does not start. */
        REFUSE,
        /** They run without the lock, on purpose. */
        ALLOW
    }
}
