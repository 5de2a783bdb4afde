package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Sees to it that no test leaves anything on its thread: on that of the test, which is not that of what runs after each. */
final class NothingLeft implements InvocationInterceptor {

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext extension)
            throws Throwable {
        invocation.proceed();
        assertThat(Thread.interrupted()).as("interrupted").isFalse();
        assertThat(ThreadHolds.isForgotten()).as("nothing is held").isTrue();
        assertThat(CurrentLock.handle()).isEmpty();
    }
}
