package dev.holdfast.spring;

import dev.holdfast.client.HoldfastClient;
import org.springframework.aop.Advisor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportAware;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationAttributes;
import org.springframework.core.type.AnnotationMetadata;

/** What {@link EnableHoldfastLocking} imports; an auto-configuration may import it as it is. Takes a {@link HoldfastClient} bean. */
@Configuration(proxyBeanMethods = false)
@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
@Import(LockedProxyRegistrar.class)
public class HoldfastLockingConfiguration implements ImportAware {
    /** Before the advice of transactions, whose order is {@link Ordered#LOWEST_PRECEDENCE} unless somebody says otherwise. */
    public static final int ORDER = Ordered.LOWEST_PRECEDENCE - 1000;

    private int order = ORDER;

    @Override
    public void setImportMetadata(AnnotationMetadata importing) {
        AnnotationAttributes enabled =
                AnnotationAttributes.fromMap(importing.getAnnotationAttributes(EnableHoldfastLocking.class.getName()));
        if (enabled != null) {
            order = enabled.<Integer>getNumber("order");
        }
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    LockedMethods holdfastLockedMethods(ConfigurableListableBeanFactory beans) {
        return new LockedMethods(beans);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    Advisor holdfastLockedAdvisor(LockedMethods methods, ObjectProvider<HoldfastClient> client) {
        Transactions transactions = Transactions.PRESENT ? new SpringTransactions() : Transactions.NONE;
        return new LockedAdvisor(methods, new LockedInterceptor(methods, transactions, client::getObject), order);
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    LockedBeans holdfastLockedBeans(
            LockedMethods methods, ConfigurableListableBeanFactory beans, ObjectProvider<HoldfastClient> client) {
        return new LockedBeans(methods, beans, client);
    }
}
