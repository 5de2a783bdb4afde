package dev.holdfast.spring.boot;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Has the client made before other beans, so that it is closed after them, those that do not depend on it too. What the web server,
 * post-processors and the client itself need is made even earlier.
 */
@Configuration(proxyBeanMethods = false)
class ClientFirst {

    @Bean
    static BeanFactoryInitializer<ListableBeanFactory> holdfastClientFirst() {
        return beans -> beans.getBean("holdfastClient");
    }
}
