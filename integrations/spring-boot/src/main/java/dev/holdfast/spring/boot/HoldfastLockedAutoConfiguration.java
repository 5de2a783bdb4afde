package dev.holdfast.spring.boot;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.spring.HoldfastLockingConfiguration;
import org.springframework.aop.Advisor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Import;

/**
 * Has {@link dev.holdfast.spring.Locked} count in an application with one client, or a primary one, unless {@code holdfast.locked.enabled} is false.
 * An application that says {@link dev.holdfast.spring.EnableHoldfastLocking} itself has it as it says there.
 */
@AutoConfiguration(after = HoldfastAutoConfiguration.class)
@ConditionalOnClass({HoldfastClient.class, HoldfastLockingConfiguration.class, Advisor.class})
@ConditionalOnProperty(name = "holdfast.locked.enabled", matchIfMissing = true)
@ConditionalOnSingleCandidate(HoldfastClient.class)
@ConditionalOnMissingBean(HoldfastLockingConfiguration.class)
@Import(HoldfastLockingConfiguration.class)
public class HoldfastLockedAutoConfiguration {

    /** For Spring. */
    HoldfastLockedAutoConfiguration() {}
}
