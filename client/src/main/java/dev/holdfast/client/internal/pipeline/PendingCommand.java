package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Command.AcquireAll;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.Drain;
import dev.holdfast.protocol.Outcome;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One command on its way. Touched by tasks of the serial executor only.
 *
 * <pre>
 * waiting (no sequence) -> numbered, in a batch -> done
 *        ^------ requeued, certainly not applied ----|
 * </pre>
 */
public final class PendingCommand {
    private static final Logger LOG = LoggerFactory.getLogger(PendingCommand.class);

    private final ClientCommand command;
    private final long deadlineNanos;
    private final OutcomeHandler handler;
    private @Nullable Pipeline pipeline;
    private long sequence;
    private int requeues;
    private boolean maybeApplied;
    private boolean done;

    /** @param deadlineNanos when the caller gives up, as an instant of the client's clock */
    public PendingCommand(ClientCommand command, long deadlineNanos, OutcomeHandler handler) {
        this.command = command;
        this.deadlineNanos = deadlineNanos;
        this.handler = handler;
    }

    public ClientCommand command() {
        return command;
    }

    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Its number in its session, 0 before it has one. */
    public long sequence() {
        return sequence;
    }

    /** The pipeline that gave it its number, {@code null} while it has none. */
    public @Nullable Pipeline pipeline() {
        return pipeline;
    }

    /** Whether nobody waits for its outcome any more. */
    public boolean isDone() {
        return done;
    }

    public String describe() {
        return Descriptions.of(command);
    }

    /** Whether a cancellation undoes it. */
    public boolean isAcquire() {
        return command instanceof Acquire || command instanceof AcquireAll || command instanceof Drain;
    }

    /** Whether an attempt that has ended may have applied it. */
    boolean maybeApplied() {
        return maybeApplied;
    }

    void markMaybeApplied() {
        maybeApplied = true;
    }

    void number(Pipeline pipeline, long sequence) {
        this.pipeline = pipeline;
        this.sequence = sequence;
        handler.onNumbered(pipeline, sequence);
    }

    /** Back to the start, to be sent under another session. Returns how often that has happened. */
    int requeue() {
        sequence = 0;
        pipeline = null;
        return ++requeues;
    }

    void markDone() {
        done = true;
    }

    /** Forgets it, before it was ever sent. */
    public void abandonUnsent() {
        done = true;
    }

    void complete(Outcome outcome) {
        if (!done) {
            done = true;
            try {
                handler.onOutcome(outcome);
            } catch (RuntimeException defect) {
                // One command's trouble must neither stop the others nor leave its caller waiting.
                LOG.error("The {} was answered, and the answer could not be handled.", describe(), defect);
                handler.onFailure(new LockOutcomeUnknownException(describe(), defect));
            }
        }
    }

    /** Its time is up, and it may have been applied. Returns whether to go on with it. */
    boolean doubt(LockException failure) {
        return handler.onDoubt(failure);
    }

    /** Fails it, unless it is done. Only for a command that no pipeline has. */
    public void fail(LockException failure) {
        if (!done) {
            done = true;
            handler.onFailure(failure);
        }
    }
}
