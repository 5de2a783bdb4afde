package dev.holdfast.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;

/**
 * Makes {@link Locked} count for the beans of this application context. There has to be a bean of type
 * {@link dev.holdfast.client.HoldfastClient}; the primary one, if there are several.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Import({LockedProxyRegistrar.class, HoldfastLockingConfiguration.class})
public @interface EnableHoldfastLocking {

    /** Whether proxies are subclasses, also of beans that have interfaces. */
    boolean proxyTargetClass() default false;

    /**
     * Where the lock stands among other advice. It has to come before that of transactions, which is checked at the start. Lower it
     * if the transactions' own order was lowered.
     */
    int order() default HoldfastLockingConfiguration.ORDER;
}
