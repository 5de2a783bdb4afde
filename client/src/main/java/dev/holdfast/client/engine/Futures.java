package dev.holdfast.client.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What {@link CompletableFuture} lacks. */
public final class Futures {

    /** Calls the action when the future is done, on the thread that completes it; the action throws nothing. */
    public static <T> void onDone(
            CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> action) {
        // What this returns could only tell what the action threw.
        var unused = future.whenComplete(action);
    }

    private Futures() {}
}
