package dev.holdfast.client.internal.facade;

import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import java.util.function.Consumer;

/** Calls a consumer after each operation that succeeded. */
public final class AuditLockHooks implements LockHooks {
    private final Consumer<HookContext> onAcquire;
    private final Consumer<HookContext> onRelease;
    private final Consumer<HookContext> onExtend;
    private final Consumer<HookContext> onForceRelease;

    public AuditLockHooks(
            Consumer<HookContext> onAcquire,
            Consumer<HookContext> onRelease,
            Consumer<HookContext> onExtend,
            Consumer<HookContext> onForceRelease) {
        this.onAcquire = onAcquire;
        this.onRelease = onRelease;
        this.onExtend = onExtend;
        this.onForceRelease = onForceRelease;
    }

    @Override
    public void afterAcquire(HookContext context, HookResult result) {
        tell(onAcquire, context, result);
    }

    @Override
    public void afterRelease(HookContext context, HookResult result) {
        tell(onRelease, context, result);
    }

    @Override
    public void afterExtend(HookContext context, HookResult result) {
        tell(onExtend, context, result);
    }

    @Override
    public void afterForceRelease(HookContext context, HookResult result) {
        tell(onForceRelease, context, result);
    }

    private static void tell(Consumer<HookContext> consumer, HookContext context, HookResult result) {
        if (result.succeeded()) {
            consumer.accept(context);
        }
    }
}
