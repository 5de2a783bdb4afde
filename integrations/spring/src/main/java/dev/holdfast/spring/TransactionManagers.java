package dev.holdfast.spring;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;

/** Has transaction managers tell when a transaction begins and ends. */
final class TransactionManagers {

    /** Those of this context that were made too early for that, and those of the contexts around it. Returns what is wrong with them. */
    static List<String> listen(ConfigurableListableBeanFactory beans) {
        List<String> problems = new ArrayList<>();
        @Nullable BeanFactory each = beans;
        while (each instanceof ConfigurableListableBeanFactory factory) {
            for (String name : factory.getBeanNamesForType(PlatformTransactionManager.class, false, false)) {
                if (factory.getSingleton(name) instanceof AbstractPlatformTransactionManager manager) {
                    listen(manager);
                    problemsOf(name, manager, problems);
                }
            }
            each = factory.getParentBeanFactory();
        }
        return problems;
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

    private static void problemsOf(String name, AbstractPlatformTransactionManager manager, List<String> problems) {
        if (manager.getTransactionSynchronization() == AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER) {
            problems.add("The transaction manager '" + name
                    + "' has SYNCHRONIZATION_NEVER, so nobody hears when its transactions end, and a "
                    + "lock that is taken within one would be released while it is still open. Use SYNCHRONIZATION_ALWAYS, its default, or "
                    + "SYNCHRONIZATION_ON_ACTUAL_TRANSACTION.");
        }
    }

    private TransactionManagers() {}
}
