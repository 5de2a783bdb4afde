package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ReactiveAdapterRegistry;

/** Methods that return before their work is done: they would run without their lock. */
final class LateResults {
    /** What a controller returns and Spring finishes on another thread, or when the method has returned. */
    private static final Set<String> OF_SPRING_WEB = Set.of(
            "org.springframework.web.context.request.async.DeferredResult",
            "org.springframework.web.context.request.async.WebAsyncTask",
            "org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody",
            "org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter");

    private static final String ADVICE =
            ", so it may return before its work is done, and the lock would be released too early. Acquire the "
                    + "lock in the method that waits for the result, or hold it with HoldfastLock.acquireAsync and release it when the result is "
                    + "there. A method that only wraps its result for @Async can be split: an @Async method calls the @Locked one of another bean";

    /** @throws IllegalArgumentException if the method is one */
    static void refuse(Method method) {
        Class<?> type = method.getReturnType();
        if (isLate(type)) {
            throw new IllegalArgumentException("it returns a " + type.getName() + ADVICE);
        }
        for (Class<?> parameter : method.getParameterTypes()) {
            if (parameter.getName().equals("kotlin.coroutines.Continuation")) {
                throw new IllegalArgumentException("it is a suspending function" + ADVICE);
            }
        }
    }

    /**
     * What the method's type does not tell, its result does.
     *
     * @throws IllegalStateException if it is one whose work may not be done
     */
    static void refuse(@Nullable Object result, Method method) {
        if (result != null && !(result instanceof Future<?> future && future.isDone()) && isLate(result.getClass())) {
            throw new IllegalStateException("The @Locked method " + LockedMethod.describe(method) + " returned a "
                    + result.getClass().getName() + ADVICE);
        }
    }

    private static boolean isLate(Class<?> type) {
        return Future.class.isAssignableFrom(type)
                || CompletionStage.class.isAssignableFrom(type)
                || Flow.Publisher.class.isAssignableFrom(type)
                || Callable.class.isAssignableFrom(type)
                || BaseStream.class.isAssignableFrom(type)
                || isNamed(type)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null;
    }

    private static boolean isNamed(@Nullable Class<?> type) {
        return type != null
                && (OF_SPRING_WEB.contains(type.getName())
                        || isNamed(type.getSuperclass())
                        || Arrays.stream(type.getInterfaces()).anyMatch(LateResults::isNamed));
    }

    private LateResults() {}
}
