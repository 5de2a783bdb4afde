package dev.holdfast.client.internal.serial;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.wire.ClassPath;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What {@link CompletableFuture} lacks. */
public final class Futures {

    /** Calls the action when the future is done, on the thread that completes it; the action throws nothing. */
    public static <T> void onDone(
            CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> action) {
        // What this returns could only tell what the action threw.
        var unused = future.whenComplete(action);
    }

    /** Completes the one as the other is, on the thread that completes that. */
    public static <T> void pass(CompletableFuture<T> from, CompletableFuture<? super T> to) {
        onDone(from, (value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    /** The call's future, or a failed one if the call itself throws. */
    public static <T> CompletableFuture<T> guard(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (LinkageError e) {
            return CompletableFuture.failedFuture(
                    new TransportException(TransportException.Kind.OUTCOME_UNKNOWN, ClassPath.describe(e), e));
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The call's stage, or a failed one if the call itself throws. */
    public static <T> CompletionStage<T> staged(Supplier<CompletionStage<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** What a stage failed with, without what {@link CompletableFuture} puts around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause == null ? failure : cause;
    }

    private Futures() {}
}
