package dev.holdfast.spring;

import java.lang.reflect.Method;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.annotation.AnnotationUtils;

/** Puts {@link LockedInterceptor} around the methods that are {@link Locked}. */
final class LockedAdvisor extends StaticMethodMatcherPointcutAdvisor {
    private static final long serialVersionUID = 1;

    private final transient LockedMethods methods;

    LockedAdvisor(LockedMethods methods, LockedInterceptor interceptor, int order) {
        super(interceptor);
        this.methods = methods;
        setOrder(order);
        setClassFilter(type -> {
            if (!AnnotationUtils.isCandidateClass(type, Locked.class)) {
                return false;
            }
            methods.requireSound(type);
            return true;
        });
    }

    @Override
    public boolean matches(Method method, Class<?> targetClass) {
        return methods.annotation(method, targetClass) != null;
    }
}
