package dev.holdfast.spring.boot.test;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.testkit.TestCluster;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.util.ClassUtils;

/** Puts the client of the cluster in memory in the place of each that the application declares, so that no test reaches a real cluster. */
final class TestClientEverywhere implements BeanDefinitionRegistryPostProcessor {
    private static final String NODE = "dev.holdfast.node.HoldfastNode";

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        if (!(registry instanceof ConfigurableListableBeanFactory beans)) {
            return;
        }
        refuseNodes(beans);
        for (String name : beans.getBeanNamesForType(HoldfastClient.class, true, false)) {
            if (registry.containsBeanDefinition(name)) {
                BeanDefinition declared = registry.getBeanDefinition(name);
                registry.removeBeanDefinition(name);
                registry.registerBeanDefinition(name, replacement(declared, beans));
            }
        }
    }

    private static void refuseNodes(ConfigurableListableBeanFactory beans) {
        ClassLoader loader = beans.getBeanClassLoader();
        if (!ClassUtils.isPresent(NODE, loader)) {
            return;
        }
        String[] nodes = beans.getBeanNamesForType(ClassUtils.resolveClassName(NODE, loader), true, false);
        if (nodes.length > 0) {
            throw new IllegalStateException("The application declares a HoldfastNode as a bean, '" + nodes[0]
                    + "', which @AutoConfigureTestHoldfast cannot replace: declare it in a configuration or a profile"
                    + " that the test leaves out");
        }
    }

    private static BeanDefinition replacement(BeanDefinition declared, ConfigurableListableBeanFactory beans) {
        RootBeanDefinition client = new RootBeanDefinition(
                HoldfastClient.class, () -> beans.getBean(TestCluster.class).client());
        client.setPrimary(declared.isPrimary());
        client.setFallback(declared.isFallback());
        client.setAutowireCandidate(declared.isAutowireCandidate());
        client.setLazyInit(declared.isLazyInit());
        client.setDependsOn(beans.getBeanNamesForType(TestCluster.class, true, false));
        // The cluster closes it.
        client.setDestroyMethodName("");
        return client;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {}
}
