package dev.holdfast.spring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** Beans that a test has put in the place of others, with Mockito: they do no work, so they need no lock. */
final class Mocks {
    private static final String MOCKITO = "org.mockito.Mockito";

    /** Mockito puts it before all class loaders when it begins to make mocks of classes themselves. */
    private static final String DISPATCHER = "org.mockito.internal.creation.bytebuddy.inject.MockMethodDispatcher";

    static boolean isMock(Object bean) {
        // By default Mockito makes a mock of the class itself, which does not show by its name.
        return bean.getClass().getName().contains("$MockitoMock$") || isMockOfItsClass(bean);
    }

    private static boolean isMockOfItsClass(Object bean) {
        ClassLoader loader = bean.getClass().getClassLoader();
        // To ask Mockito starts it, which takes a while.
        if (loader == null || !hasBegun() || !ClassUtils.isPresent(MOCKITO, loader)) {
            return false;
        }
        Method details = ClassUtils.getMethodIfAvailable(
                ClassUtils.resolveClassName(MOCKITO, loader), "mockingDetails", Object.class);
        if (details == null) {
            return false;
        }
        Object found = call(details, null, bean);
        return found != null
                && Boolean.TRUE.equals(call(ClassUtils.getMethod(details.getReturnType(), "isMock"), found));
    }

    private static boolean hasBegun() {
        try {
            Class.forName(DISPATCHER, false, null);
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static @Nullable Object call(Method method, @Nullable Object on, Object... arguments) {
        try {
            return method.invoke(on, arguments);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Mockito does not tell what is a mock", e);
        }
    }

    private Mocks() {}
}
