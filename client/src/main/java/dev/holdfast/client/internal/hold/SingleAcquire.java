package dev.holdfast.client.internal.hold;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.protocol.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An acquire of one lockable. */
final class SingleAcquire extends AcquireOperation<AcquireOutcome> {
    private final AcquireRequest request;

    SingleAcquire(
            ClientContext context,
            SessionManager sessions,
            HoldRegistry registry,
            HoldOperations operations,
            AcquireRequest request,
            long elapsedNanos) {
        super(context, sessions, registry, operations, request, elapsedNanos);
        this.request = request;
    }

    @Override
    List<HoldName> names() {
        return List.of(
                new HoldName(request.command().lockable(), request.command().owner()));
    }

    @Override
    void giveBackLost() {
        registry().find(request.command().lockable(), request.command().owner());
    }

    @Override
    AcquireOutcome track(Outcome outcome, ClientSession session) {
        if (outcome instanceof Outcome.Granted grant) {
            return track(request, grant, session);
        } else if (outcome instanceof Outcome.Drained drained) {
            return track(request.answeredBy(drained.permits()), drained.granted(), session);
        }
        throw Rejections.unexpected(outcome);
    }

    private AcquireOutcome track(AcquireRequest answered, Outcome.Granted grant, ClientSession session) {
        return AcquireOutcome.granted(registry().granted(answered, grant, session), grant);
    }

    @Override
    @Nullable
    AcquireOutcome refused(Outcome outcome) {
        return outcome instanceof Outcome.Refused refused ? AcquireOutcome.refused(refused) : null;
    }

    @Override
    AcquireOutcome waitedInVain() {
        return AcquireOutcome.waitedInVain();
    }

    @Override
    LockException failure(Outcome outcome) {
        return outcome instanceof Outcome.CapacityExceeded exceeded
                ? new SemaphoreCapacityExceededException(
                        request.lockable().key(), exceeded.requested(), exceeded.available(), exceeded.max())
                : super.failure(outcome);
    }

    @Override
    void giveBack(AcquireOutcome granted) {
        HoldHandle handle = granted.handle();
        if (handle != null) {
            operations().giveBack(handle, granted.reacquired());
        }
    }
}
