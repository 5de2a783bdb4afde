package dev.holdfast.spring;

import org.springframework.beans.factory.config.BeanPostProcessor;

/** Has every transaction manager tell when a transaction begins. */
final class TransactionManagerPostProcessor implements BeanPostProcessor {

    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        TransactionManagers.listen(bean);
        return bean;
    }
}
