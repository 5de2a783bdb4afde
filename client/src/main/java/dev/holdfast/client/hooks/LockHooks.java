package dev.holdfast.client.hooks;

import dev.holdfast.client.ClientOptions;

/**
 * Code that runs before and after each operation of a lock or semaphore, whether called on it, on a handle, or on its
 * {@link java.util.concurrent.locks.Lock} view. Where several locks are acquired or released together, it runs for each of
 * them: first before all of them, then after all of them.
 *
 * <p><b>Before.</b> Runs on the caller's thread, before anything is sent. What it throws aborts the operation and reaches the
 * caller unchanged: thrown by a blocking call, in the stage of an asynchronous one. Hooks that were added later do not run, and those that
 * ran are told that the operation failed. So for each before-hook that returned, the after-hook runs once, with the same
 * {@link HookContext} object.
 *
 * <p><b>After.</b> Runs when the operation has ended, whether it succeeded or not: on the caller's thread, or on the client's callback
 * executor for asynchronous operations, before the stage completes. What it throws goes to the
 * {@link ClientOptions#hookErrorHandler} and nowhere else, so a grant is never lost because of it.
 */
public interface LockHooks {
    default void beforeAcquire(HookContext context) {}

    default void afterAcquire(HookContext context, HookResult result) {}

    default void beforeRelease(HookContext context) {}

    default void afterRelease(HookContext context, HookResult result) {}

    default void beforeExtend(HookContext context) {}

    default void afterExtend(HookContext context, HookResult result) {}

    default void beforeForceRelease(HookContext context) {}

    default void afterForceRelease(HookContext context, HookResult result) {}
}
