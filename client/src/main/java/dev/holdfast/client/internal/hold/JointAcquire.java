package dev.holdfast.client.internal.hold;

import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.protocol.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An acquire of several locks together. What it was granted are ordinary holds, each with a handle of its own. */
final class JointAcquire extends AcquireOperation<JointOutcome> {
    private final JointRequest request;

    JointAcquire(
            ClientContext context,
            SessionManager sessions,
            HoldRegistry registry,
            HoldOperations operations,
            JointRequest request,
            long elapsedNanos) {
        super(context, sessions, registry, operations, request, elapsedNanos);
        this.request = request;
    }

    @Override
    List<HoldName> names() {
        return request.each().stream()
                .map(each ->
                        new HoldName(each.command().lockable(), each.command().owner()))
                .toList();
    }

    @Override
    void giveBackLost() {
        names().forEach(name -> registry().find(name.key(), name.owner()));
    }

    @Override
    JointOutcome track(Outcome outcome, ClientSession session) {
        if (!(outcome instanceof Outcome.GrantedAll all)
                || all.grants().size() != request.each().size()) {
            throw Rejections.unexpected(outcome);
        }
        List<AcquireOutcome> each = new ArrayList<>(all.grants().size());
        for (int i = 0; i < all.grants().size(); i++) {
            Outcome.Granted grant = all.grants().get(i);
            each.add(AcquireOutcome.granted(registry().granted(request.each().get(i), grant, session), grant));
        }
        return new JointOutcome(each, false, null, null, 0);
    }

    @Override
    @Nullable
    JointOutcome refused(Outcome outcome) {
        return outcome instanceof Outcome.RefusedAll refused
                ? new JointOutcome(List.of(), false, refused.lockable(), refused.holder(), refused.waitersAhead())
                : null;
    }

    @Override
    JointOutcome waitedInVain() {
        return new JointOutcome(List.of(), true, null, null, 0);
    }

    @Override
    void giveBack(JointOutcome granted) {
        for (AcquireOutcome each : granted.each()) {
            HoldHandle handle = each.handle();
            if (handle != null) {
                operations().giveBack(handle, each.reacquired());
            }
        }
    }
}
