package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.internal.hold.HoldOperations.Target;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.session.QueryRunner;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.Extend;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Acts on holds of which this client knows nothing: asks the leader for their tokens first. Touched by tasks of the serial
 * executor only.
 */
final class UntrackedHolds {
    private final ClientContext context;
    private final SessionManager sessions;
    private final HoldRegistry registry;
    private final QueryRunner queries;

    UntrackedHolds(ClientContext context, SessionManager sessions, HoldRegistry registry, QueryRunner queries) {
        this.context = context;
        this.sessions = sessions;
        this.registry = registry;
        this.queries = queries;
    }

    void release(Target target, int permits, long timeoutNanos, CompletableFuture<Void> result) {
        withToken(
                target,
                timeoutNanos,
                result,
                token -> new Release(target.key(), target.protocolOwner(), token, permits));
    }

    void extend(Target target, long ttlMs, long timeoutNanos, CompletableFuture<Void> result) {
        withToken(
                target, timeoutNanos, result, token -> new Extend(target.key(), target.protocolOwner(), token, ttlMs));
    }

    // The look-up and the command share the caller's time.
    private void withToken(
            Target target, long timeoutNanos, CompletableFuture<Void> result, LongFunction<ClientCommand> command) {
        long deadlineNanos = context.nowNanos() + timeoutNanos;
        String operation = "look-up of '" + target.lockable().key() + "' for " + target.owner();
        Futures.onDone(queries.ask(new Query.Inspect(target.key(), 0), operation, timeoutNanos), (answer, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else if (answer instanceof Answer.LockableView view) {
                send(target, view, deadlineNanos, result, command);
            }
        });
    }

    private void send(
            Target target,
            Answer.LockableView view,
            long deadlineNanos,
            CompletableFuture<Void> result,
            LongFunction<ClientCommand> command) {
        Owner owner = target.protocolOwner();
        for (Answer.HoldView hold : view.holds()) {
            if (hold.owner().equals(owner)) {
                submit(target, command.apply(hold.token()), deadlineNanos, result);
                return;
            }
        }
        result.completeExceptionally(notHeld(
                target, view.holds().isEmpty() ? null : view.holds().get(0).owner()));
    }

    private void submit(Target target, ClientCommand command, long deadlineNanos, CompletableFuture<Void> result) {
        sessions.submit(command, deadlineNanos, new OutcomeHandler() {
            @Override
            public void onOutcome(Outcome outcome) {
                if (outcome instanceof Outcome.Released released) {
                    if (released.remaining() == 0 && command instanceof Release release) {
                        registry.gone(
                                release.lockable(), release.owner(), release.token(), LossReason.RELEASED_BY_OWNER);
                    }
                    result.complete(null);
                } else if (outcome instanceof Outcome.Extended) {
                    result.complete(null);
                } else if (outcome instanceof Outcome.NotHeld notHeld) {
                    int permits = command instanceof Release release ? release.permits() : 0;
                    result.completeExceptionally(notHeld(target, notHeld, permits));
                } else {
                    result.completeExceptionally(Rejections.unexpected(outcome));
                }
            }

            @Override
            public void onFailure(LockException failure) {
                result.completeExceptionally(failure);
            }
        });
    }

    /** The cluster says that the owner does not hold it, or not so many permits. */
    LockException notHeld(Target target, Outcome.NotHeld outcome, int permits) {
        return outcome.held() > 0
                ? new LockNotHeldException(target.lockable().key(), target.owner(), outcome.held(), permits)
                : notHeld(target, outcome.holder());
    }

    /** The cluster says that the owner does not hold it; this client may know that it did, and why it does not. */
    LockException notHeld(Target target, @Nullable Owner holder) {
        Loss loss = registry.recentLoss(target.key(), target.protocolOwner());
        if (loss != null && loss.isExpiry()) {
            return Loss.exception(target.lockable(), target.owner(), loss.reason(), loss.at());
        }
        LockOwner current = holder == null ? null : Terms.owner(holder);
        return new LockNotHeldException(target.lockable().key(), target.owner(), current);
    }
}
