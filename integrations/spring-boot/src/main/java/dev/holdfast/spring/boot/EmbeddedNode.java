package dev.holdfast.spring.boot;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.InitializingBean;

/**
 * The embedded peer as a bean. It is started when it is made, so that whoever depends on it has one that runs. It is closed when it is
 * destroyed: after every {@link org.springframework.context.Lifecycle} has stopped, and after all beans that depend on it or on its client, so
 * that these can still release what they hold.
 *
 * <p>See docs/adr/025-a-peer-is-closed-as-a-bean.md.
 */
final class EmbeddedNode implements FactoryBean<HoldfastNode>, InitializingBean, DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedNode.class);

    /** What a peer is called that was told of no members, not even itself. */
    private static final String ALONE = "alone";

    private final HoldfastNodeBuilder builder;
    private final Duration drainTimeout;
    private @Nullable HoldfastNode node;

    EmbeddedNode(HoldfastNodeBuilder builder, Duration drainTimeout) {
        this.builder = builder;
        this.drainTimeout = drainTimeout;
    }

    @Override
    public void afterPropertiesSet() {
        try {
            HoldfastNode started = builder.start();
            node = started;
            if (started.id().equals(ALONE)) {
                LOG.warn("This peer is a cluster of its own: no other instance of the application shares its locks."
                        + " If there are others, set holdfast.node.members to all of them, the same in each");
            }
        } catch (IllegalArgumentException | IllegalStateException | LockRequestRejectedException e) {
            throw new HoldfastStartException(
                    "The embedded Holdfast peer cannot start: " + e.getMessage(),
                    "Correct the properties of holdfast.node that this is about; docs/spring-boot.md lists them.",
                    e);
        } catch (IOException e) {
            throw new HoldfastStartException(
                    "The embedded Holdfast peer cannot start: " + describe(e),
                    "Make its data folder (holdfast.node.data), its ports (holdfast.node.members, holdfast.node.listen)"
                            + " and its files for TLS usable.",
                    e);
        }
    }

    private static String describe(IOException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }

    @Override
    public @Nullable HoldfastNode getObject() {
        return node;
    }

    @Override
    public Class<?> getObjectType() {
        return HoldfastNode.class;
    }

    /** Drains the peer, within the timeout: it gives back what it holds, and hands over what it leads. */
    @Override
    public void destroy() {
        HoldfastNode made = node;
        if (made == null) {
            return;
        }
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread closing = new Thread(
                () -> {
                    try {
                        made.close();
                        closed.complete(null);
                    } catch (RuntimeException | Error e) {
                        closed.completeExceptionally(e);
                    }
                },
                "holdfast-drain");
        closing.setDaemon(true);
        closing.start();
        long deadlineNanos = System.nanoTime() + drainTimeout.toNanos();
        boolean interrupted = false;
        while (!awaitClosed(made, closed, deadlineNanos)) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return false if interrupted, which does not shorten the time that the peer has */
    private boolean awaitClosed(HoldfastNode made, CompletableFuture<Void> closed, long deadlineNanos) {
        try {
            closed.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return false;
        } catch (TimeoutException e) {
            LOG.warn(
                    "Peer {} has not stopped within {} ms; the application ends without waiting for it. What was"
                            + " acknowledged is durable on a majority",
                    made.id(),
                    drainTimeout.toMillis());
        } catch (ExecutionException e) {
            LOG.warn("Peer {} did not stop cleanly; what it acknowledged is safe", made.id(), e.getCause());
        }
        return true;
    }
}
