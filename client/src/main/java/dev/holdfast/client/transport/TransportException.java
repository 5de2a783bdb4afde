package dev.holdfast.client.transport;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** An attempt to reach the cluster failed. */
public final class TransportException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** What went wrong, as far as the caller has to know. */
    public enum Kind {
        /** The peer that was asked does not lead, or nobody does: nothing was done. */
        NO_LEADER,
        /** The peer has too much to do: nothing was done. */
        BUSY,
        /** No connection could be made: nothing was done. */
        UNREACHABLE,
        /** The request was sent, and what became of it is not known. */
        OUTCOME_UNKNOWN,
        /** The peer refuses such a request, or all peers refuse this client, and will again: nothing was done. */
        REFUSED,
        /** The caller may not do that, or has not proved who it is: nothing was done. It will be so until that changes. */
        FORBIDDEN,
        /** The transport is closed, for good: nothing was done. A request that was on its way ends as {@link #OUTCOME_UNKNOWN}. */
        CLOSED
    }

    public TransportException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public TransportException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /**
     * A {@link Kind#NO_LEADER} of a peer that led until now.
     *
     * @param peer the peer's name or address, or {@code "this peer"}
     */
    public static TransportException noLongerLeads(String peer) {
        return new TransportException(Kind.NO_LEADER, peer + " no longer leads");
    }

    /**
     * The transport failure behind what a transport's future failed with. Anything else becomes an unknown outcome: a transport
     * that fails in ways outside its contract is not trusted to have done nothing.
     *
     * @param failure {@code null} for an answer that does not fit its request
     */
    public static TransportException of(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof TransportException known) {
            return known;
        }
        return cause == null
                ? new TransportException(Kind.OUTCOME_UNKNOWN, "an answer that does not fit its request")
                : new TransportException(Kind.OUTCOME_UNKNOWN, cause.toString(), cause);
    }

    public Kind kind() {
        return kind;
    }

    /** Whether the request may have taken effect. */
    public boolean maybeApplied() {
        return kind == Kind.OUTCOME_UNKNOWN;
    }

    /** Whether the same request may succeed later, or at another peer. */
    public boolean worthRetrying() {
        return kind != Kind.REFUSED && kind != Kind.FORBIDDEN && kind != Kind.CLOSED;
    }
}
