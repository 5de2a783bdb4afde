package dev.holdfast.node.leader;

import dev.holdfast.client.transport.TransportException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** How a peer says that it does not lead: the caller learns that nothing was done, and asks whoever leads. */
public final class NotLeading {
    /** This peer led, or was taken for the leader, and is not. */
    public static TransportException anyMore() {
        return TransportException.noLongerLeads("this peer");
    }

    /** {@link #anyMore} as a future that has failed. */
    public static <T> CompletableFuture<T> failed() {
        return CompletableFuture.failedFuture(anyMore());
    }

    /** This peer cannot serve as the leader, for that reason. */
    public static TransportException because(String reason) {
        return new TransportException(TransportException.Kind.NO_LEADER, reason);
    }

    /** The same, with the failure behind it if there is one. */
    public static TransportException because(String reason, @Nullable Throwable cause) {
        return cause == null
                ? because(reason)
                : new TransportException(TransportException.Kind.NO_LEADER, reason + ": " + cause, cause);
    }

    private NotLeading() {}
}
