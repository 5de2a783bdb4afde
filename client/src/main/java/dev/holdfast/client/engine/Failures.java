package dev.holdfast.client.engine;

import dev.holdfast.client.transport.TransportException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the failures of a transport, and distrusts a transport that fails in ways its contract does not know. */
public final class Failures {

    /** The call's future, or a failed one if the call itself throws. */
    public static <T> CompletableFuture<T> guard(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The transport's word; what is not one becomes an unknown outcome, which assumes nothing. */
    public static TransportException asTransportFailure(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof TransportException known) {
            return known;
        }
        String what = cause == null ? "an answer that does not fit its request" : cause.toString();
        TransportException.Kind kind = TransportException.Kind.OUTCOME_UNKNOWN;
        return cause == null ? new TransportException(kind, what) : new TransportException(kind, what, cause);
    }

    private Failures() {}
}
