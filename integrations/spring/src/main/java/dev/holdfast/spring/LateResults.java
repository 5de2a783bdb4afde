package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import org.springframework.core.ReactiveAdapterRegistry;

/** Methods that return before their work is done: they would run without their lock. */
final class LateResults {
    private static final String ADVICE =
            ", so it may return before its work is done, and the lock would be released too early. Acquire the "
                    + "lock in the method that waits for the result, or hold it with HoldfastLock.acquireAsync and release it when the result is "
                    + "there. A method that only wraps its result for @Async can be split: an @Async method calls the @Locked one of another bean";

    /** @throws IllegalArgumentException if the method is one */
    static void refuse(Method method) {
        Class<?> type = method.getReturnType();
        boolean late = Future.class.isAssignableFrom(type)
                || CompletionStage.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null;
        if (late) {
            throw new IllegalArgumentException("it returns a " + type.getName() + ADVICE);
        }
        for (Class<?> parameter : method.getParameterTypes()) {
            if (parameter.getName().equals("kotlin.coroutines.Continuation")) {
                throw new IllegalArgumentException("it is a suspending function" + ADVICE);
            }
        }
    }

    private LateResults() {}
}
