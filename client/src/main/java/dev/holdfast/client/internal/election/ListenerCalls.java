package dev.holdfast.client.internal.election;

import dev.holdfast.client.internal.serial.OrderedExecutor;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The calls of one election's listener, one after the other. Knows whether the listener is what calls the election. */
final class ListenerCalls implements Executor {
    private final OrderedExecutor lane;
    private volatile @Nullable Thread inside;
    private volatile boolean closed;

    ListenerCalls(Executor executor) {
        lane = new OrderedExecutor(executor);
    }

    @Override
    public void execute(Runnable call) {
        lane.execute(() -> {
            inside = Thread.currentThread();
            try {
                call.run();
            } finally {
                inside = null;
            }
        });
    }

    /** The election is closed: what is not owed to the listener is not told any more. */
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isInside() {
        return inside == Thread.currentThread();
    }
}
