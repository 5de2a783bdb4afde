package dev.holdfast.node;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.TransportException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What one request by another door, such as HTTP, comes to: who asks, and what of the cluster that one reaches. {@link Doorkeeper#enter} gives
 * it; whoever gets it closes it when the request is answered. All methods may be called from any thread.
 */
public final class Visit implements AutoCloseable {
    private final Admission admission;
    private final String principal;
    private final boolean isAdmin;
    private final Visitors.@Nullable Visitor visitor;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Visit(Admission admission, String principal, boolean isAdmin, Visitors.@Nullable Visitor visitor) {
        this.admission = admission;
        this.principal = principal;
        this.isAdmin = isAdmin;
        this.visitor = visitor;
    }

    static Visit refused(Admission why) {
        return new Visit(why, "", false, null);
    }

    static Visit granted(String principal, boolean isAdmin, Visitors.Visitor visitor) {
        return new Visit(Admission.GRANTED, principal, isAdmin, visitor);
    }

    /** Whether the one who asks is known here, and if not, why. What that one may do, the leader says of each request. */
    public Admission admission() {
        return admission;
    }

    /** The name of who asks; empty for somebody who need not say who that is. */
    public String principal() {
        return principal;
    }

    /** Whether that one may look after the cluster, by the rules that this peer has applied. */
    public boolean isAdmin() {
        return isAdmin;
    }

    /**
     * The way to the leaders, on which each looks after what the one who asks may do. It is shared: closing it does nothing. It is of no use
     * any more some time after this visit is closed.
     *
     * @throws IllegalStateException if nobody was let in
     */
    public ClusterTransport cluster() {
        if (visitor == null) {
            throw new IllegalStateException(admission.why());
        }
        if (closed.get()) {
            throw new TransportException(TransportException.Kind.CLOSED, "the visit is over");
        }
        return visitor.cluster();
    }

    /** It is over. Closing again does nothing. */
    @Override
    public void close() {
        if (visitor != null && closed.compareAndSet(false, true)) {
            visitor.leave();
        }
    }
}
