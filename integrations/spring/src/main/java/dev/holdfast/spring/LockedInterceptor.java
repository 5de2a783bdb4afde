package dev.holdfast.spring;

import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.spring.Locked.OnLoss;
import dev.holdfast.spring.Locked.OnRefused;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Runs a method under its lock:
 *
 * <ol>
 *   <li>Take the lock, or go on under the one that the thread has.
 *   <li>If the thread is in a transaction, that one gets a claim to the lock until it has ended.
 *   <li>Run the method, and all advice behind this one: among it that which begins and commits the method's own transaction.
 *   <li>Give up the call's own claim. If it was the last, release; if not, see that the lock was not lost.
 * </ol>
 *
 * <p>Why it is so: docs/adr/026-locked-outside-the-transaction.md.
 */
final class LockedInterceptor implements MethodInterceptor {

    private record Locks(HoldfastClient client, HoldfastLock lock) {}

    private final LockedMethods methods;
    private final Transactions transactions;
    private final Supplier<Locks> locks;

    /** @param client asked for at the first call, as the proxies are made before it is there */
    LockedInterceptor(LockedMethods methods, Transactions transactions, Supplier<HoldfastClient> client) {
        this.methods = methods;
        this.transactions = transactions;
        this.locks = SingletonSupplier.of(() -> {
            HoldfastClient found = client.get();
            return new Locks(found, found.createLock());
        });
    }

    @Override
    public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
        Object target = Objects.requireNonNull(invocation.getThis(), "a proxy without a target");
        LockedMethod method = methods.find(invocation.getMethod(), AopUtils.getTargetClass(target));
        if (method == null) {
            return invocation.proceed();
        }
        Lockable lockable = method.lockable(target, invocation.getArguments());
        ThreadHolds holds = ThreadHolds.ofThread();
        Hold hold;
        boolean nested;
        try {
            Hold.Key key = new Hold.Key(locks.get().client(), lockable.key());
            Hold found = holds.find(key);
            nested = found != null && found.claim();
            hold = found != null && nested ? found : holds.add(key, acquire(lockable, method));
        } catch (LockAlreadyHeldException refused) {
            if (method.onRefused() == OnRefused.SKIP) {
                return SkippedResult.of(method.method().getReturnType());
            }
            throw refused;
        } finally {
            holds.forgetIfEmpty();
        }
        return runUnder(hold, nested, holds, method, invocation);
    }

    private LockHandle acquire(Lockable lockable, LockedMethod method) throws InterruptedException {
        try {
            return locks.get().lock().hold(lockable, method.options());
        } catch (InterruptedException e) {
            if (declaresInterrupts(method)) {
                throw e;
            }
            Thread.currentThread().interrupt();
            throw new LockInterruptedException(lockable.key(), e);
        }
    }

    private static boolean declaresInterrupts(LockedMethod method) {
        return Arrays.stream(method.method().getExceptionTypes())
                .anyMatch(type -> type.isAssignableFrom(InterruptedException.class));
    }

    private @Nullable Object runUnder(
            Hold hold, boolean nested, ThreadHolds holds, LockedMethod method, MethodInvocation invocation)
            throws Throwable {
        Object result;
        try {
            hold.handle().requireHeld();
            if (nested) {
                method.ttl().ifPresent(hold.handle()::extend);
            }
            transactions.claim(hold);
            holds.enter(hold);
            try {
                result = watch(hold, method, invocation);
                LateResults.refuse(result, method.method());
            } finally {
                holds.leave();
            }
        } catch (Throwable thrown) {
            throw afterFailure(hold, thrown);
        }
        giveUpAfterSuccess(hold);
        return result;
    }

    /** The watch of a call around this one counts for this one too. */
    @SuppressWarnings("NullAway") // Without its JSpecify mode it does not see that the work may return null.
    private static @Nullable Object watch(Hold hold, LockedMethod method, MethodInvocation invocation)
            throws Throwable {
        if (method.onLoss() != OnLoss.INTERRUPT || hold.isWatched()) {
            return proceed(hold, method, invocation);
        }
        hold.watched(true);
        try {
            HeldWork<@Nullable Object, Exception> work = handle -> {
                try {
                    return proceed(hold, method, invocation);
                } catch (Exception | Error thrown) {
                    throw thrown;
                } catch (Throwable neither) {
                    throw new UndeclaredThrowableException(neither);
                }
            };
            return hold.handle().whileHeld(work, hold::interrupting);
        } finally {
            hold.watched(false);
        }
    }

    private static @Nullable Object proceed(Hold hold, LockedMethod method, MethodInvocation invocation)
            throws Throwable {
        @Nullable Object[] given = invocation.getArguments();
        @Nullable Object[] filled = method.withToken(given, hold.handle());
        if (filled != given) {
            ((ProxyMethodInvocation) invocation).setArguments(filled);
        }
        return invocation.proceed();
    }

    private static void giveUp(Hold hold) {
        if (hold.unclaim()) {
            Releases.release(hold.handle());
        } else {
            hold.requireNotLost();
        }
    }

    private static void giveUpAfterSuccess(Hold hold) {
        try {
            giveUp(hold);
        } catch (LockException more) {
            explain(hold, more);
            throw more;
        }
    }

    /** Returns what to throw: that the lock was lost comes first, since it makes everything else doubtful. */
    private static Throwable afterFailure(Hold hold, Throwable thrown) {
        try {
            giveUp(hold);
        } catch (LockException more) {
            if (tellsOfLoss(thrown)) {
                explain(hold, thrown);
                return thrown;
            }
            if (thrown instanceof Error) {
                thrown.addSuppressed(more);
                return thrown;
            }
            explain(hold, more);
            more.addSuppressed(thrown);
            return more;
        } catch (Error more) {
            thrown.addSuppressed(more);
        }
        return thrown;
    }

    private static void explain(Hold hold, Throwable thrown) {
        if (tellsOfLoss(thrown)) {
            hold.explain(thrown);
        }
    }

    private static boolean tellsOfLoss(Throwable thrown) {
        return thrown instanceof LockExpiredException
                || thrown instanceof LockNotHeldException
                || thrown instanceof LockClientClosedException;
    }
}
