package dev.holdfast.client.internal.facade;

import dev.holdfast.client.errors.LockException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Blocks for the engine's futures. */
final class Waiting {

    /** Waits whatever comes, and leaves the thread's interrupt as it was. The future is known to complete in time. */
    static <T> T uninterruptibly(CompletableFuture<T> future) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return interruptibly(future);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static <T> T interruptibly(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LockException failure) {
                // Made by whichever thread ran the engine; what people look for is who called.
                failure.fillInStackTrace();
                throw failure;
            }
            throw new IllegalStateException("the engine failed with what it should not", e.getCause());
        }
    }

    private Waiting() {}
}
