package dev.holdfast.client.internal.facade;

import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookErrorHandler;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.internal.threads.Safely;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the hooks of one lock or semaphore, in the order in which they were added. */
final class HookRunner {
    private static final Logger LOG = LoggerFactory.getLogger(HookRunner.class);

    private final List<LockHooks> hooks;
    private final HookErrorHandler errorHandler;

    HookRunner(List<LockHooks> hooks, HookErrorHandler errorHandler) {
        this.hooks = hooks;
        this.errorHandler = errorHandler;
    }

    /** What a hook throws, whatever it is, goes to the caller. Those after it do not run, and those that ran are told that it failed. */
    void before(HookContext context) {
        int ran = 0;
        try {
            for (LockHooks each : hooks) {
                before(each, context);
                ran++;
            }
        } catch (Throwable thrown) {
            after(hooks.subList(0, ran), context, HookResult.failed(thrown));
            throw thrown;
        }
    }

    /** The same for one operation on several lockables: for one after the other. */
    void before(List<HookContext> contexts) {
        int ran = 0;
        try {
            for (HookContext context : contexts) {
                before(context);
                ran++;
            }
        } catch (Throwable thrown) {
            contexts.subList(0, ran).forEach(context -> after(context, HookResult.failed(thrown)));
            throw thrown;
        }
    }

    private static void before(LockHooks hooks, HookContext context) {
        switch (context.operation()) {
            case ACQUIRE -> hooks.beforeAcquire(context);
            case RELEASE -> hooks.beforeRelease(context);
            case EXTEND -> hooks.beforeExtend(context);
            case FORCE_RELEASE -> hooks.beforeForceRelease(context);
        }
    }

    /** Throws nothing: the operation is done. */
    void after(HookContext context, HookResult result) {
        after(hooks, context, result);
    }

    private void after(List<LockHooks> some, HookContext context, HookResult result) {
        for (LockHooks each : some) {
            try {
                after(each, context, result);
            } catch (Throwable thrown) {
                report(context, thrown);
            }
        }
    }

    private static void after(LockHooks hooks, HookContext context, HookResult result) {
        switch (context.operation()) {
            case ACQUIRE -> hooks.afterAcquire(context, result);
            case RELEASE -> hooks.afterRelease(context, result);
            case EXTEND -> hooks.afterExtend(context, result);
            case FORCE_RELEASE -> hooks.afterForceRelease(context, result);
        }
    }

    private void report(HookContext context, Throwable thrown) {
        keepInterrupt(thrown);
        try {
            errorHandler.onHookError(context, thrown);
        } catch (Throwable e) {
            keepInterrupt(e);
            Safely.warn(LOG, describe(context), thrown);
            Safely.warn(LOG, "The hook error handler failed too.", e);
        }
    }

    private static String describe(HookContext context) {
        return "A hook failed after " + context.operation() + " of '"
                + context.lockable().key() + "'.";
    }

    /** Whoever is not shown the exception shall know of the interrupt all the same. */
    static void keepInterrupt(Throwable thrown) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }
}
