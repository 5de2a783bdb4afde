package dev.holdfast.client.hooks;

/** Hears what after-hooks throw. Called where the hook ran; what it throws itself is logged and dropped. */
@FunctionalInterface
public interface HookErrorHandler {
    void onHookError(HookContext context, RuntimeException error);
}
