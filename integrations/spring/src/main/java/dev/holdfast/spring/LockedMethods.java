package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Which methods are {@link Locked}, and how. Remembers each method of each bean's class that was asked about. */
final class LockedMethods {
    private final ConfigurableBeanFactory beans;
    private final Map<MethodClassKey, Optional<Locked>> annotations = new ConcurrentHashMap<>();
    private final Map<MethodClassKey, LockedMethod> understood = new ConcurrentHashMap<>();

    /** The classes that were looked at for what is wrong with them. */
    private final Set<Class<?>> judged = ConcurrentHashMap.newKeySet();

    private volatile boolean started;

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
        Method specific = specific(method, type);
        Locked own = own(specific);
        if (own == null && !specific.equals(method)) {
            own = own(method);
        }
        List<Method> promises = own == null ? promises(specific, type) : List.of();
        for (Method promise : promises) {
            own = own == null ? own(promise) : own;
        }
        if (own != null || !isCoveredByItsClass(specific)) {
            return own;
        }
        Locked ofClass = ofType(specific.getDeclaringClass());
        for (Method promise : promises) {
            ofClass = ofClass == null ? ofType(promise.getDeclaringClass()) : ofClass;
        }
        return ofClass;
    }

    /** What the method itself says, or a method that it overrides or implements. */
    static @Nullable Locked own(Method method) {
        return AnnotatedElementUtils.findMergedAnnotation(method, Locked.class);
    }

    private static @Nullable Locked ofType(Class<?> type) {
        return AnnotatedElementUtils.findMergedAnnotation(type, Locked.class);
    }

    /** The method that runs if that one is called on a bean of that class; that of the interface if the bean is nothing but a JDK proxy. */
    static Method specific(Method method, Class<?> type) {
        if (!Proxy.isProxyClass(type)) {
            return AopUtils.getMostSpecificMethod(method, type);
        }
        if (!Proxy.isProxyClass(method.getDeclaringClass())) {
            return method;
        }
        for (Class<?> each : type.getInterfaces()) {
            Method declared = ClassUtils.getMethodIfAvailable(each, method.getName(), method.getParameterTypes());
            if (declared != null) {
                return declared;
            }
        }
        return method;
    }

    /** Methods of the bean's interfaces that it implements for them, although its own class knows nothing of them. */
    private static List<Method> promises(Method specific, Class<?> type) {
        List<Method> found = new ArrayList<>();
        for (Class<?> each : ClassUtils.getAllInterfacesForClassAsSet(type)) {
            if (!each.isAssignableFrom(specific.getDeclaringClass())
                    && AnnotationUtils.isCandidateClass(each, Locked.class)) {
                for (Method declared : ReflectionUtils.getDeclaredMethods(each)) {
                    if (isImplementedBy(declared, specific, type)) {
                        found.add(declared);
                    }
                }
            }
        }
        return found;
    }

    /** Whether a call of the one, on a bean of that class, runs the other. */
    static boolean isImplementedBy(Method declared, Method specific, Class<?> type) {
        return declared.getName().equals(specific.getName())
                && declared.getParameterCount() == specific.getParameterCount()
                && specific(declared, type).equals(specific);
    }

    private static boolean isCoveredByItsClass(Method method) {
        return Modifier.isPublic(method.getModifiers())
                && !Modifier.isStatic(method.getModifiers())
                && ClassUtils.isUserLevelMethod(method)
                && method.getDeclaringClass() != Object.class
                && !ReflectionUtils.isObjectMethod(method);
    }

    void judged(Class<?> type) {
        judged.add(type);
    }

    /** All classes have been looked at that the definitions of the beans tell. */
    void started() {
        started = true;
    }

    /**
     * Looks at the class of a bean that is made later, if its definition does not tell it.
     *
     * @throws InvalidLockedMethodException if methods of it would run without their lock
     */
    void requireSound(Class<?> proxied) {
        Class<?> type = ClassUtils.getUserClass(proxied);
        if (started && judged.add(type)) {
            Set<String> problems = LockedClass.read(type, this).problems();
            if (!problems.isEmpty()) {
                judged.remove(type);
                throw new InvalidLockedMethodException(List.copyOf(problems));
            }
        }
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
                new MethodClassKey(method, type), key -> new LockedMethod(specific(method, type), type, locked, beans));
    }
}
