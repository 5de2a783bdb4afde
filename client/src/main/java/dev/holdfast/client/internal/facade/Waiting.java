package dev.holdfast.client.internal.facade;

import dev.holdfast.client.errors.LockException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Blocks for the futures of a group's client. */
final class Waiting {

    /** Waits, and leaves the thread's interrupt status as it was. The future must be one that completes in bounded time. */
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
                // Created on whichever thread ran the client; what people look for is the caller.
                failure.fillInStackTrace();
                throw failure;
            }
            throw new IllegalStateException(
                    "the lock client failed with an unexpected exception; this is a defect", e.getCause());
        }
    }

    private Waiting() {}
}
