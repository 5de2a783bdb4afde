package dev.holdfast.client.hooks;

/**
 * Receives what after-hooks throw, on the thread where the hook ran: errors and undeclared checked exceptions too. What the
 * handler itself throws is logged and dropped.
 */
@FunctionalInterface
public interface HookErrorHandler {
    void onHookError(HookContext context, Throwable error);
}
