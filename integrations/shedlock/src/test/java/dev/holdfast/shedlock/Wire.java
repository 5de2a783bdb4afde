package dev.holdfast.shedlock;

import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Between a provider and a real lock: fails calls of handles, before they are sent or when they are done. Any thread may use it. */
final class Wire {
    /** What becomes of one call: it is done or not, and then fails. */
    record Fault(boolean done, Supplier<RuntimeException> failure) {}

    private final Deque<Fault> faults = new ConcurrentLinkedDeque<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();

    /** The next call of a handle that changes the hold fails so. */
    void fail(boolean done, Supplier<RuntimeException> failure) {
        faults.add(new Fault(done, failure));
    }

    /** The names of those calls, failed ones included. */
    List<String> calls() {
        return calls;
    }

    HoldfastLock around(HoldfastLock lock) {
        return wrap(HoldfastLock.class, lock);
    }

    private <T> T wrap(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean changes = List.of("release", "extend", "expireIn").contains(method.getName());
                    Fault fault = changes ? faults.poll() : null;
                    if (changes) {
                        calls.add(method.getName());
                    }
                    if (fault != null && !fault.done()) {
                        throw fault.failure().get();
                    }
                    Object result = invoke(() -> method.invoke(target, arguments));
                    if (fault != null) {
                        throw fault.failure().get();
                    }
                    return result instanceof Optional<?> some
                            ? some.map(
                                    each -> each instanceof LockHandle handle ? wrap(LockHandle.class, handle) : each)
                            : result;
                }));
    }

    private interface Call {
        @Nullable
        Object run() throws ReflectiveOperationException;
    }

    private static @Nullable Object invoke(Call call) throws Throwable {
        try {
            return call.run();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
