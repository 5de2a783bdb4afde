package dev.holdfast.client.internal.facade;

import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.hooks.LockHooks;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls a consumer after each operation that succeeded. */
public final class AuditLockHooks implements LockHooks {
    private final @Nullable Consumer<HookContext> onAcquire;
    private final @Nullable Consumer<HookContext> onRelease;
    private final @Nullable Consumer<HookContext> onExtend;
    private final @Nullable Consumer<HookContext> onForceRelease;

    public AuditLockHooks(
            @Nullable Consumer<HookContext> onAcquire,
            @Nullable Consumer<HookContext> onRelease,
            @Nullable Consumer<HookContext> onExtend,
            @Nullable Consumer<HookContext> onForceRelease) {
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

    private static void tell(@Nullable Consumer<HookContext> consumer, HookContext context, HookResult result) {
        if (consumer != null && result.succeeded()) {
            consumer.accept(context);
        }
    }
}
