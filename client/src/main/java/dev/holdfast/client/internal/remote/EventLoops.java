package dev.holdfast.client.internal.remote;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that serve connections. They end with the last connection, where gRPC's own would stay for another second. A JVM that
 * exits waits up to 300 ms for threads that are in native code, as one that waits for the network is: every command of the shell
 * would take that much longer.
 */
final class EventLoops {
    /** Those of all connections of this JVM. */
    static final EventLoops SHARED = new EventLoops();

    static final String THREAD_NAME = "holdfast-client";

    private static final int THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());

    private static final long LOOK_EVERY_MS = 5;

    /** A channel that is over has a little left to do. A loop that waits for more does so outside of native code. */
    private static final long QUIET_MS = 50;

    private static final long END_MS_MAX = 5_000;

    private @Nullable EventLoopGroup group;
    private int leases;

    /** What a connection holds while it lasts. */
    final class Lease {
        private final EventLoopGroup loops;
        private final AtomicBoolean open = new AtomicBoolean(true);

        private Lease(EventLoopGroup loops) {
            this.loops = loops;
        }

        EventLoopGroup loops() {
            return loops;
        }

        /**
         * Gives it back once the connection that held it is over. Does not block. A channel that is shut down may still be about to
         * register with a loop, if another thread is just making its connection.
         */
        void returnOnce(BooleanSupplier isOver) {
            if (open.compareAndSet(true, false)) {
                look(isOver);
            }
        }

        private void look(BooleanSupplier isOver) {
            if (isOver.getAsBoolean()) {
                release();
            } else {
                var unused = loops.schedule(() -> look(isOver), LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    @SuppressWarnings("deprecation") // Its successor is not in the Netty of the oldest gRPC that is supported.
    synchronized Lease lease() {
        EventLoopGroup loops = group;
        if (loops == null) {
            loops = new NioEventLoopGroup(THREADS, new DefaultThreadFactory(THREAD_NAME, true));
            group = loops;
        }
        leases++;
        return new Lease(loops);
    }

    private synchronized void release() {
        EventLoopGroup loops = group;
        if (--leases == 0 && loops != null) {
            loops.shutdownGracefully(QUIET_MS, END_MS_MAX, TimeUnit.MILLISECONDS);
            group = null;
        }
    }
}
