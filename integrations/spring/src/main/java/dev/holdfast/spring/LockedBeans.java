package dev.holdfast.spring;

import dev.holdfast.client.HoldfastClient;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/** When all beans are there, looks for {@link Locked} methods that would run without their lock, and refuses to start if it finds any. */
final class LockedBeans implements SmartInitializingSingleton {
    private final LockedMethods methods;
    private final ConfigurableListableBeanFactory beans;
    private final ObjectProvider<HoldfastClient> client;

    LockedBeans(LockedMethods methods, ConfigurableListableBeanFactory beans, ObjectProvider<HoldfastClient> client) {
        this.methods = methods;
        this.beans = beans;
        this.client = client;
    }

    @Override
    public void afterSingletonsInstantiated() {
        Set<String> problems = new LinkedHashSet<>();
        boolean any = false;
        for (String name : beans.getBeanNamesForType(Object.class, true, false)) {
            Class<?> type = ScopedProxyUtils.isScopedTarget(name) ? beans.getType(name, false) : type(name);
            if (type != null) {
                methods.judged(ClassUtils.getUserClass(type));
                LockedClass locked = LockedClass.read(ClassUtils.getUserClass(type), methods);
                locked.requireNoneOf(LifecycleMethods.named(beans, name));
                problems.addAll(locked.problems());
                if (locked.any()) {
                    any = true;
                    problems.addAll(problemsOfProxy(name, locked));
                }
            }
        }
        if (any) {
            problems.addAll(AdviceOrder.problemsOfAdvisors(beans));
            if (Transactions.PRESENT) {
                TransactionManagers.listen(beans);
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidLockedMethodException(List.copyOf(problems));
        }
        methods.started();
        if (any) {
            // There has to be one, which shows now and not at the first call.
            client.getObject();
        }
    }

    /** A scoped proxy has no methods of its own: what it stands for is looked at by its own name. */
    private @Nullable Class<?> type(String name) {
        if (beans.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name))) {
            return null;
        }
        return AutoProxyUtils.determineTargetClass(beans, name);
    }

    private List<String> problemsOfProxy(String name, LockedClass locked) {
        Object bean = beans.getSingleton(name);
        if (bean == null || bean instanceof FactoryBean<?>) {
            return List.of();
        }
        List<String> problems = new ArrayList<>();
        AdviceOrder.problemsOf(name, bean, locked, problems);
        return problems;
    }
}
