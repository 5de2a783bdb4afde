package dev.holdfast.spring;

import dev.holdfast.client.HoldfastClient;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Applications whose client is a test's. */
final class Contexts {

    @Configuration(proxyBeanMethods = false)
    @EnableHoldfastLocking
    static class Locking {}

    @Configuration(proxyBeanMethods = false)
    @EnableHoldfastLocking(proxyTargetClass = true)
    static class LockingByClass {}

    static AnnotationConfigApplicationContext start(HoldfastClient client, Class<?>... beans) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        // The test closes it.
        context.registerBean(HoldfastClient.class, () -> client, definition -> definition.setDestroyMethodName(""));
        context.register(Locking.class);
        return start(context, beans);
    }

    static AnnotationConfigApplicationContext start(AnnotationConfigApplicationContext context, Class<?>... beans) {
        if (beans.length > 0) {
            context.register(beans);
        }
        try {
            context.refresh();
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
        return context;
    }

    private Contexts() {}
}
