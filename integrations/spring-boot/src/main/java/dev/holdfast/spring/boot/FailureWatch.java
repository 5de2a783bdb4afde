package dev.holdfast.spring.boot;

import dev.holdfast.node.HoldfastNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.ConfigurableApplicationContext;

/** Ends the application when its peer has failed, if it is to. Nothing happens if the peer is closed in order. */
final class FailureWatch implements SmartInitializingSingleton {
    private static final Logger LOG = LoggerFactory.getLogger(FailureWatch.class);

    private final HoldfastNode node;
    private final HoldfastNodeProperties.OnFailure onFailure;
    private final ConfigurableApplicationContext context;
    private final ApplicationExit exit;

    FailureWatch(
            HoldfastNode node,
            HoldfastNodeProperties.OnFailure onFailure,
            ConfigurableApplicationContext context,
            ApplicationExit exit) {
        this.node = node;
        this.onFailure = onFailure;
        this.context = context;
        this.exit = exit;
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (onFailure != HoldfastNodeProperties.OnFailure.CLOSE_APPLICATION) {
            return;
        }
        node.failure().thenAccept(cause -> {
            LOG.error(
                    "The application closes, as holdfast.node.on-failure says: {}",
                    String.join("; ", node.health().problems()));
            // Not on the peer's own thread, which closing waits for; and the process must not end before it is done.
            new Thread(() -> exit.exit(context), "holdfast-close-application").start();
        });
    }
}
