package dev.holdfast.node.internal.port;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.concurrent.TimeoutException;

/**
 * Ends streams whose clients do not read. gRPC sends the end of a stream after everything that waits in it, so never if the
 * client does not read. Only a deadline that has passed ends a stream at once, and that is what this imitates. It gives each
 * stream a context of its own to cancel: the one in which the service is called may be a child of the one that counts.
 */
final class StreamReset extends ServerStreamTracer.Factory {
    private static final Context.Key<Context.CancellableContext> OWN = Context.key("holdfast-stream");

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
        return new ServerStreamTracer() {
            @Override
            public Context filterContext(Context context) {
                Context.CancellableContext own = context.withCancellation();
                return own.withValue(OWN, own);
            }
        };
    }

    /** What ends the stream at once in whose context this is called. */
    static Runnable ofCurrentStream() {
        Context.CancellableContext own = OWN.get();
        return () -> {
            if (own != null) {
                own.cancel(new TimeoutException("the client does not read its stream"));
            }
        };
    }
}
