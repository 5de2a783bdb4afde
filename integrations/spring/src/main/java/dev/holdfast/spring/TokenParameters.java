package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Which parameters are {@link Token}s: the method itself may say so, and any that it overrides or implements. */
final class TokenParameters {

    /** Their positions in a method of a bean of that class. */
    static SortedSet<Integer> of(Method method, Class<?> type) {
        SortedSet<Integer> found = new TreeSet<>(declaredBy(method));
        if (method.getParameterCount() > 0) {
            for (Class<?> each : hierarchy(type)) {
                for (Method declared : ReflectionUtils.getDeclaredMethods(each)) {
                    if (LockedMethods.isImplementedBy(declared, method, type)) {
                        found.addAll(declaredBy(declared));
                    }
                }
            }
        }
        return found;
    }

    static boolean isAny(Method method) {
        return !declaredBy(method).isEmpty();
    }

    private static SortedSet<Integer> declaredBy(Method method) {
        SortedSet<Integer> found = new TreeSet<>();
        if (method.getParameterCount() > 0) {
            for (int i = 0; i < method.getParameterCount(); i++) {
                if (Arrays.stream(method.getParameterAnnotations()[i]).anyMatch(Token.class::isInstance)) {
                    found.add(i);
                }
            }
        }
        return found;
    }

    /** The class, what it extends, and what it implements; of a JDK proxy only the latter. */
    static Set<Class<?>> hierarchy(Class<?> type) {
        Set<Class<?>> found = new LinkedHashSet<>();
        if (!java.lang.reflect.Proxy.isProxyClass(type)) {
            for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
                found.add(each);
            }
        }
        found.addAll(ClassUtils.getAllInterfacesForClassAsSet(type));
        return found;
    }

    private TokenParameters() {}
}
