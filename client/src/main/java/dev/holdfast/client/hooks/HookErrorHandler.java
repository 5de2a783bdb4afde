package dev.holdfast.client.hooks;

/** Receives what after-hooks throw, on the thread where the hook ran. What the handler itself throws is logged and dropped. */
@FunctionalInterface
public interface HookErrorHandler {
    void onHookError(HookContext context, RuntimeException error);
}
