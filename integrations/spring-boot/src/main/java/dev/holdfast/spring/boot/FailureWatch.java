package dev.holdfast.spring.boot;

import dev.holdfast.node.HoldfastNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.ConfigurableApplicationContext;

/** Closes the application when its peer has failed. Nothing happens if the peer is closed in order. */
final class FailureWatch implements SmartInitializingSingleton {
    private static final Logger LOG = LoggerFactory.getLogger(FailureWatch.class);

    private final HoldfastNode node;
    private final ConfigurableApplicationContext context;

    FailureWatch(HoldfastNode node, ConfigurableApplicationContext context) {
        this.node = node;
        this.context = context;
    }

    @Override
    public void afterSingletonsInstantiated() {
        node.failure().thenAccept(cause -> {
            LOG.error(
                    "The application closes, as holdfast.node.on-failure says: {}",
                    String.join("; ", node.health().problems()));
            // Not on the peer's own thread, which closing waits for; and the process must not end before it is done.
            new Thread(context::close, "holdfast-close-application").start();
        });
    }
}
