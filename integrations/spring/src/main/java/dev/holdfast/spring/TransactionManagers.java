package dev.holdfast.spring;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;

/** Has transaction managers tell when a transaction begins and ends. */
final class TransactionManagers {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionManagers.class);

    /** Those of this context that were made too early for that, and those of the contexts around it. */
    static void listen(ConfigurableListableBeanFactory beans) {
        @Nullable BeanFactory each = beans;
        while (each instanceof ConfigurableListableBeanFactory factory) {
            for (String name : factory.getBeanNamesForType(PlatformTransactionManager.class, false, false)) {
                if (factory.getSingleton(name) instanceof AbstractPlatformTransactionManager manager) {
                    listen(manager);
                    warnOf(name, manager);
                }
            }
            each = factory.getParentBeanFactory();
        }
    }

    static void listen(Object bean) {
        boolean listens = bean instanceof AbstractPlatformTransactionManager known
                && known.getTransactionExecutionListeners().stream()
                        .anyMatch(LocksTransactionListener.class::isInstance);
        if (!listens
                && bean instanceof PlatformTransactionManager
                && bean instanceof ConfigurableTransactionManager manager) {
            manager.addListener(new LocksTransactionListener());
        }
    }

    /** Those for Kafka, RabbitMQ and JMS are so on purpose, as they run beside one for a database: no reason not to start. */
    private static void warnOf(String name, AbstractPlatformTransactionManager manager) {
        if (manager.getTransactionSynchronization() == AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER) {
            LOG.warn(
                    "The transaction manager '{}' has SYNCHRONIZATION_NEVER, so nobody hears when its transactions end:"
                            + " a lock that is taken within one of them is released while it is still open",
                    name);
        }
    }

    private TransactionManagers() {}
}
