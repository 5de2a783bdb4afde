package dev.holdfast.spring;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;

/** Methods that Spring calls on the bean itself when it makes or destroys it, and not on its proxy. */
final class LifecycleMethods {
    private static final Set<String> ANNOTATIONS = Set.of(
            "jakarta.annotation.PostConstruct",
            "jakarta.annotation.PreDestroy",
            "javax.annotation.PostConstruct",
            "javax.annotation.PreDestroy");

    /** Why it is one, by what it is in the class; {@code null} if it is none. */
    static @Nullable String reason(Method method, Class<?> type) {
        if (method.getParameterCount() > 0) {
            return null;
        }
        for (Annotation each : method.getAnnotations()) {
            if (ANNOTATIONS.contains(each.annotationType().getName())) {
                return "@" + each.annotationType().getSimpleName();
            }
        }
        if (InitializingBean.class.isAssignableFrom(type) && method.getName().equals("afterPropertiesSet")) {
            return "of InitializingBean";
        }
        if (DisposableBean.class.isAssignableFrom(type) && method.getName().equals("destroy")) {
            return "of DisposableBean";
        }
        return null;
    }

    /** Those that only the bean's definition names. */
    static List<String> named(ConfigurableListableBeanFactory beans, String bean) {
        try {
            if (beans.getMergedBeanDefinition(bean) instanceof AbstractBeanDefinition definition) {
                return java.util.stream.Stream.of(definition.getInitMethodNames(), definition.getDestroyMethodNames())
                        .filter(java.util.Objects::nonNull)
                        .flatMap(Arrays::stream)
                        .toList();
            }
        } catch (NoSuchBeanDefinitionException e) {
            // A singleton that was registered as it is.
        }
        return List.of();
    }

    static String problem(String reason) {
        return " is called by Spring when it makes or destroys the bean (" + reason
                + "), on the bean itself and not on its proxy, so it would "
                + "run without its lock. Move what needs the lock to another bean, and call it from there; if it is meant to run without "
                + "the lock, say @Locked(selfCalls = ALLOW).";
    }

    private LifecycleMethods() {}
}
