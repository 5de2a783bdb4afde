package dev.holdfast.client.internal.session;

import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Ends a session in the cluster as well as it can, so that nobody has to wait for its lease to lapse: undoes the acquires
 * that were given up, then closes it. Repeats that until it is answered or the time is up.
 */
final class SessionCloser {
    /** As many as go into one batch; the rest ends with the session, unless its lease is of another kind. */
    private static final int CANCELS_MAX = 1000;

    private final ClientContext context;
    private final SessionBatch batch;
    private final long deadlineNanos;
    private int failures;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();

    private SessionCloser(ClientContext context, SessionBatch batch, long deadlineNanos) {
        this.context = context;
        this.batch = batch;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * Starts closing; to be called by a task of the serial executor.
     *
     * @return whether the cluster answered; never fails, but may take as long as an attempt takes beyond the deadline
     */
    static CompletableFuture<Boolean> close(
            ClientContext context, ClientSession session, List<Long> acquiresToCancel, long deadlineNanos) {
        SessionCloser closer = new SessionCloser(context, closing(session, acquiresToCancel), deadlineNanos);
        closer.attempt();
        return closer.done;
    }

    /** Closes a session that was never used. */
    static void closeUnused(ClientContext context, SessionId session, long deadlineNanos) {
        SessionBatch batch =
                new SessionBatch(session, 0, 0, List.of(new SequencedCommand(1, new Command.CloseSession())));
        new SessionCloser(context, batch, deadlineNanos).attempt();
    }

    private static SessionBatch closing(ClientSession session, List<Long> acquiresToCancel) {
        long sequence = session.pipeline().lastSequence();
        List<SequencedCommand> commands = new ArrayList<>();
        for (Long acquire : acquiresToCancel) {
            if (commands.size() < CANCELS_MAX) {
                commands.add(new SequencedCommand(++sequence, new Command.CancelAcquire(acquire)));
            }
        }
        commands.add(new SequencedCommand(++sequence, new Command.CloseSession()));
        return new SessionBatch(
                session.id(), session.pipeline().outcomesAcknowledged(), session.eventsDoneWith(), commands);
    }

    private void attempt() {
        Futures.onDone(
                Futures.guard(() -> context.transport().submit(batch)),
                (reply, failure) -> context.serial().execute(() -> onAnswer(reply, failure)));
    }

    private void onAnswer(@Nullable SubmitReply reply, @Nullable Throwable failure) {
        if (reply != null) {
            done.complete(true);
            return;
        }
        TransportException known = TransportException.of(failure);
        if (known.worthRetrying() && context.nowNanos() < deadlineNanos) {
            context.after(context.retryPauseNanos(failures++), this::attempt);
        } else {
            done.complete(false);
        }
    }
}
