package dev.holdfast.client;

import org.jspecify.annotations.Nullable;

/**
 * Work to be done while a lock or permits are held; see {@link HoldfastLock#withLock(Lockable, HeldWork)}.
 *
 * @param <T> what it returns
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface HeldWork<T extends @Nullable Object, E extends Exception> {

    /** @param held what protects the work. It need not be released: that is done when the work has ended */
    T run(LockHandle held) throws E;
}
