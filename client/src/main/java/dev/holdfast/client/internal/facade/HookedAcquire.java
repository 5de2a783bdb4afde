package dev.holdfast.client.internal.facade;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.serial.Futures;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * An acquire of one lockable or of several, with the hooks of each around it: all before-hooks first, all after-hooks last.
 * Whoever runs it calls one of the methods, once.
 *
 * @param <O> what the cluster decides
 * @param <R> what the caller is told
 */
abstract class HookedAcquire<O, R> {
    private final HookRunner hooks;
    private final List<HookContext> contexts;

    /** @param contexts one for each lockable */
    HookedAcquire(HookRunner hooks, List<HookContext> contexts) {
        this.hooks = hooks;
        this.contexts = contexts;
    }

    abstract PendingAcquire<O> begin();

    abstract R result(O outcome);

    /** What the after-hooks of the lockable with that number, from 0, are told. */
    abstract HookResult hookResult(O outcome, int number);

    private interface Wait<X extends Exception> {
        <T> T on(CompletableFuture<T> outcome) throws X;
    }

    final R uninterruptibly() {
        return await(Waiting::uninterruptibly);
    }

    final R interruptibly() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return await(Waiting::interruptibly);
    }

    private <X extends Exception> R await(Wait<X> wait) throws X {
        hooks.before(contexts);
        O outcome;
        R result;
        try {
            PendingAcquire<O> operation = begin();
            try {
                outcome = wait.on(operation.result());
                result = result(outcome);
            } catch (Throwable e) {
                if (!(e instanceof LockException)) {
                    // It may have been granted, or yet be.
                    operation.abandon();
                }
                throw e;
            }
        } catch (Throwable e) {
            after(HookResult.failed(e));
            throw e;
        }
        after(outcome);
        return result;
    }

    /** @param callbacks where the stage is completed */
    final CompletionStage<R> async(Executor callbacks) {
        CompletableFuture<R> stage = new CompletableFuture<>();
        try {
            hooks.before(contexts);
        } catch (Throwable e) {
            HookRunner.keepInterrupt(e);
            stage.completeExceptionally(e);
            return stage;
        }
        PendingAcquire<O> operation;
        try {
            operation = begin();
        } catch (Throwable e) {
            after(HookResult.failed(e));
            stage.completeExceptionally(e);
            return stage;
        }
        // If it completes before the operation has ended, its caller has given the acquire up, in whatever way.
        Futures.onDone(stage, (result, failure) -> {
            if (!operation.result().isDone()) {
                operation.abandon();
            }
        });
        Futures.onDone(
                operation.result(),
                (outcome, failure) -> callbacks.execute(() -> {
                    if (outcome == null) {
                        Throwable cause = Futures.unwrap(failure);
                        after(HookResult.failed(cause));
                        stage.completeExceptionally(cause);
                    } else if (!complete(stage, outcome)) {
                        operation.abandon();
                    }
                }));
        return stage;
    }

    /** Returns false if nobody wants the result any more, or it cannot be told. */
    private boolean complete(CompletableFuture<R> stage, O outcome) {
        R result;
        try {
            result = result(outcome);
        } catch (Throwable e) {
            after(HookResult.failed(e));
            return !stage.completeExceptionally(e);
        }
        after(outcome);
        return stage.complete(result);
    }

    private void after(O outcome) {
        for (int i = 0; i < contexts.size(); i++) {
            hooks.after(contexts.get(i), hookResult(outcome, i));
        }
    }

    private void after(HookResult result) {
        contexts.forEach(context -> hooks.after(context, result));
    }
}
