package dev.holdfast.integration;

import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockUnavailableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Between a registry and a real lock: while it is cut, nothing reaches the cluster that changes or ends a hold. */
final class Unanswered {
    private final Map<LockHandle, LockHandle> handles = new ConcurrentHashMap<>();
    private volatile boolean cut;

    void cut() {
        cut = true;
    }

    void restore() {
        cut = false;
    }

    HoldfastLock around(HoldfastLock lock) {
        return wrap(HoldfastLock.class, lock);
    }

    private <T> T wrap(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("equals")) {
                        return proxy == arguments[0];
                    }
                    if (cut) {
                        switch (method.getName()) {
                            case "unlock", "release", "extend", "expireIn" -> throw nobody();
                            case "releaseAsync", "extendAsync", "expireInAsync" -> {
                                return CompletableFuture.failedStage(nobody());
                            }
                            default -> {}
                        }
                    }
                    try {
                        return wrapped(method.invoke(target, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private @Nullable Object wrapped(@Nullable Object result) {
        if (result instanceof FencedLock view) {
            return wrap(FencedLock.class, view);
        }
        // One for each, as a view returns the same as long as the hold lives.
        return result instanceof LockHandle handle
                ? handles.computeIfAbsent(handle, each -> wrap(LockHandle.class, each))
                : result;
    }

    private static LockUnavailableException nobody() {
        return new LockUnavailableException("Nobody answers.", null);
    }
}
