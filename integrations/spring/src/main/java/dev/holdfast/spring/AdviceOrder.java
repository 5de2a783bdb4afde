package dev.holdfast.spring;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.aopalliance.aop.Advice;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.interceptor.AsyncExecutionInterceptor;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;

/** Whether a bean's proxy takes the lock, on the right thread, and before the transaction. */
final class AdviceOrder {
    private static final String TRANSACTION_ADVICE =
            "org.springframework.transaction.interceptor.TransactionAspectSupport";

    /** Adds what is wrong with the proxy of a bean that has locked methods. */
    static void problemsOf(String name, Object bean, LockedClass locked, List<String> problems) {
        if (Mocks.isMock(bean)) {
            return;
        }
        if (!AopUtils.isAopProxy(bean)) {
            problems.add("The bean '" + name + "' of " + bean.getClass().getName() + " has @Locked methods ("
                    + locked.someMethod()
                    + ") but no proxy, so they would run without their lock. It was made before the proxies "
                    + "could be, mostly since a BeanPostProcessor or BeanFactoryPostProcessor depends on it, or it was put into the context "
                    + "as it is. Inject it there as an ObjectProvider, or move the methods to another bean.");
            return;
        }
        List<Advice> advice = outermostFirst(bean);
        if (advice.isEmpty()) {
            // An opaque proxy does not tell.
            return;
        }
        int lock = indexOf(advice, LockedInterceptor.class.getName());
        if (lock < 0) {
            problems.add(
                    "The bean '" + name + "' has @Locked methods (" + locked.someMethod()
                            + ") and a proxy, but that does not take their locks: it was made by hand, or before the others. Have Spring make it.");
            return;
        }
        int transaction = indexOf(advice, TRANSACTION_ADVICE);
        if (transaction >= 0 && transaction < lock) {
            problems.add("The proxy of the bean '" + name
                    + "' begins the transaction before it takes the lock, so the lock would be "
                    + "released while the transaction is still open. " + remedy());
        }
        if (indexOf(advice, AsyncExecutionInterceptor.class.getName()) > lock) {
            problems.add(
                    "The proxy of the bean '" + name
                            + "' takes the lock before it hands the call to another thread, so the lock would be "
                            + "released at once. Leave the order of @EnableAsync as it is, or move the @Locked method to another bean.");
        }
        if (AopUtils.isJdkDynamicProxy(bean)) {
            for (Method method : locked.methods()) {
                if (!isOfInterface(method, bean)) {
                    problems.add("The @Locked method " + LockedMethod.describe(method)
                            + " is not one of the interfaces of the bean '" + name
                            + "', whose proxy has only those. Declare it in an interface, or use "
                            + "@EnableHoldfastLocking(proxyTargetClass = true).");
                }
            }
        }
    }

    private static boolean isOfInterface(Method method, Object proxy) {
        Class<?> target = AopUtils.getTargetClass(proxy);
        for (Class<?> type : AopProxyUtils.proxiedUserInterfaces(proxy)) {
            for (Method each : type.getMethods()) {
                if (LockedMethods.isImplementedBy(each, method, target)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** All advice around the bean; a proxy may stand for another proxy. */
    private static List<Advice> outermostFirst(Object bean) {
        List<Advice> found = new ArrayList<>();
        Object current = bean;
        while (current instanceof Advised advised) {
            for (Advisor advisor : advised.getAdvisors()) {
                found.add(advisor.getAdvice());
            }
            current = AopProxyUtils.getSingletonTarget(advised);
        }
        return found;
    }

    private static int indexOf(List<Advice> advice, String type) {
        for (int i = 0; i < advice.size(); i++) {
            if (isA(advice.get(i), type)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isA(Object object, String name) {
        for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** What is wrong with the order of the context's own advice, for beans that are made later. */
    static List<String> problemsOfAdvisors(ConfigurableListableBeanFactory beans) {
        List<String> problems = new ArrayList<>();
        int lock = Ordered.LOWEST_PRECEDENCE;
        for (Advisor advisor : advisors(beans)) {
            if (advisor instanceof LockedAdvisor locked) {
                lock = locked.getOrder();
            }
        }
        for (Advisor advisor : advisors(beans)) {
            if (advisor instanceof Ordered ordered
                    && isA(advisor.getAdvice(), TRANSACTION_ADVICE)
                    && ordered.getOrder() <= lock) {
                problems.add("The order of the advice for transactions is " + ordered.getOrder()
                        + ", and that of @Locked is " + lock
                        + ": the lock would be taken after the transaction began, and released while it is still open. "
                        + remedy());
            }
        }
        return problems;
    }

    private static List<Advisor> advisors(ConfigurableListableBeanFactory beans) {
        List<Advisor> advisors = new ArrayList<>();
        for (String name : beans.getBeanNamesForType(Advisor.class, true, false)) {
            advisors.add(beans.getBean(name, Advisor.class));
        }
        return advisors;
    }

    private static String remedy() {
        return "Let the order of @EnableTransactionManagement be greater than that of @EnableHoldfastLocking, as it is by default.";
    }

    private AdviceOrder() {}
}
