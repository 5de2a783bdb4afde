package dev.holdfast.spring;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.type.AnnotationMetadata;

/** Sees to it that beans get proxies, and that transactions tell when they begin. */
final class LockedProxyRegistrar implements ImportBeanDefinitionRegistrar {
    private static final String TRANSACTIONS = "dev.holdfast.spring.transactionManagerPostProcessor";

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry);
        Map<String, @Nullable Object> enabled =
                importing.getAnnotationAttributes(EnableHoldfastLocking.class.getName());
        if (enabled != null && Boolean.TRUE.equals(enabled.get("proxyTargetClass"))) {
            AopConfigUtils.forceAutoProxyCreatorToUseClassProxying(registry);
        }
        if (Transactions.PRESENT && !registry.containsBeanDefinition(TRANSACTIONS)) {
            RootBeanDefinition definition = new RootBeanDefinition(TransactionManagerPostProcessor.class);
            definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
            registry.registerBeanDefinition(TRANSACTIONS, definition);
        }
    }
}
