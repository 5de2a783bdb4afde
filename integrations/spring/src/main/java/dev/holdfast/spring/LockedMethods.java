package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Which methods are {@link Locked}, and how. Remembers each method of each bean's class that was asked about. */
final class LockedMethods {
    private final ConfigurableBeanFactory beans;
    private final Map<MethodClassKey, Optional<Locked>> annotations = new ConcurrentHashMap<>();
    private final Map<MethodClassKey, LockedMethod> understood = new ConcurrentHashMap<>();

    LockedMethods(ConfigurableBeanFactory beans) {
        this.beans = beans;
    }

    /** What counts for that method of a bean of that class; {@code null} if it is not locked. */
    @Nullable
    Locked annotation(Method method, Class<?> type) {
        if (method.getDeclaringClass() == Object.class) {
            return null;
        }
        return annotations
                .computeIfAbsent(new MethodClassKey(method, type), key -> Optional.ofNullable(look(method, type)))
                .orElse(null);
    }

    private static @Nullable Locked look(Method method, Class<?> type) {
        Method specific = AopUtils.getMostSpecificMethod(method, type);
        Locked own = own(specific);
        if (own == null && !specific.equals(method)) {
            own = own(method);
        }
        if (own != null || !isCoveredByItsClass(specific)) {
            return own;
        }
        Locked ofClass = AnnotatedElementUtils.findMergedAnnotation(specific.getDeclaringClass(), Locked.class);
        return ofClass != null ? ofClass : AnnotatedElementUtils.findMergedAnnotation(type, Locked.class);
    }

    /** What the method itself says, or a method that it overrides or implements. */
    static @Nullable Locked own(Method method) {
        return AnnotatedElementUtils.findMergedAnnotation(method, Locked.class);
    }

    private static boolean isCoveredByItsClass(Method method) {
        return Modifier.isPublic(method.getModifiers())
                && !Modifier.isStatic(method.getModifiers())
                && ClassUtils.isUserLevelMethod(method)
                && method.getDeclaringClass() != Object.class
                && !ReflectionUtils.isObjectMethod(method);
    }

    /**
     * The same, understood.
     *
     * @throws IllegalArgumentException if it makes no sense
     */
    @Nullable
    LockedMethod find(Method method, Class<?> type) {
        Locked locked = annotation(method, type);
        if (locked == null) {
            return null;
        }
        return understood.computeIfAbsent(
                new MethodClassKey(method, type),
                key -> new LockedMethod(AopUtils.getMostSpecificMethod(method, type), locked, beans));
    }
}
