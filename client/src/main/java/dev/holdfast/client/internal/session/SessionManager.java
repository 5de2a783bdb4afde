package dev.holdfast.client.internal.session;

import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.client.internal.pipeline.CommandQueue;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.PendingCommand;
import dev.holdfast.client.internal.pipeline.Pipeline;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.pipeline.RequestDeadlines;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the commands of one client and has a session carry them: opens one when the first command comes, and another when
 * one was lost. Touched by tasks of the serial executor only.
 */
public final class SessionManager implements SessionHost {
    private static final Logger LOG = LoggerFactory.getLogger(SessionManager.class);

    private final ClientContext context;
    private final SessionObserver observer;
    private final LogClock logClock = new LogClock();
    private final CommandQueue queue = new CommandQueue();
    private final RequestDeadlines deadlines;
    private @Nullable ClientSession current;
    private @Nullable SessionOpener opener;
    private boolean closed;
    private boolean pumpIsDue;

    public SessionManager(ClientContext context, SessionObserver observer) {
        this.context = context;
        this.observer = observer;
        this.deadlines = new RequestDeadlines(context, this::expire);
    }

    /** Sends a command; its caller gives up at that instant. */
    public PendingCommand submit(ClientCommand command, long deadline, OutcomeHandler handler) {
        PendingCommand pending = new PendingCommand(command, deadline, handler);
        if (enqueue(pending)) {
            deadlines.watch(pending);
        }
        return pending;
    }

    /** Sends a command that nobody waits for; it is repeated for as long as there is a session to carry it. */
    public void submitInBackground(ClientCommand command, OutcomeHandler handler) {
        enqueue(new PendingCommand(command, ClientClock.NEVER, handler));
    }

    private boolean enqueue(PendingCommand pending) {
        if (closed) {
            pending.fail(new LockClientClosedException(pending.describe()));
            return false;
        }
        queue.add(pending);
        if (!pumpIsDue) {
            // Callers that a reply has woken come one after the other; their commands shall travel together.
            pumpIsDue = true;
            context.serial().afterwards(this::pumpDue);
        }
        return true;
    }

    private void pumpDue() {
        pumpIsDue = false;
        pump();
    }

    private void pump() {
        ClientSession session = current;
        if (session != null) {
            session.pipeline().pump();
        } else if (opener == null && !closed && !queue.isEmpty()) {
            SessionOpener next = new SessionOpener(context, new Opening());
            opener = next;
            next.start();
        }
    }

    private final class Opening implements SessionOpener.Listener {
        @Override
        public boolean isWanted() {
            return !queue.isEmpty();
        }

        @Override
        public void onOpened(SessionId id, long sentNanos, long logTimeMs) {
            opener = null;
            logClock.observe(sentNanos, logTimeMs);
            ClientSession session = new ClientSession(context, SessionManager.this, queue, id, sentNanos);
            current = session;
            LOG.debug("Session {} is open.", id);
            session.start();
            observer.onSessionOpened(session);
            session.pipeline().pump();
        }

        @Override
        public void onOpenFailed(LockException failure) {
            opener = null;
            queue.failAll(command -> Rejections.again(failure, command));
        }
    }

    /** The session that numbers commands now; {@code null} if there is none. */
    public @Nullable ClientSession current() {
        return current;
    }

    @Override
    public LogClock logClock() {
        return logClock;
    }

    public boolean isClosed() {
        return closed;
    }

    private void expire(PendingCommand command) {
        Pipeline pipeline = command.pipeline();
        if (pipeline != null) {
            pipeline.expire(command);
        } else {
            command.fail(
                    new LockUnavailableException(command.describe(), opener == null ? null : opener.lastFailure()));
        }
    }

    /** The caller of a command does not want it any more, and does not want to hear of it. */
    public static void abandon(PendingCommand command) {
        Pipeline pipeline = command.pipeline();
        if (pipeline != null) {
            pipeline.abandon(command);
        } else {
            command.abandonUnsent();
        }
    }

    @Override
    public void onSessionSuspect(ClientSession session) {
        LOG.warn("Session {} has not been confirmed for half of its lease.", session.id());
        observer.onSessionSuspect(session);
    }

    @Override
    public void onSessionRenewed(ClientSession session) {
        LOG.info("Session {} is confirmed again.", session.id());
        observer.onSessionRenewed(session);
    }

    @Override
    public void onSessionLost(ClientSession session) {
        LOG.warn("Session {} is lost, and with it every hold that it kept.", session.id());
        context.metrics().sessionLost();
        observer.onSessionLost(session);
    }

    @Override
    public void onSessionEnded(ClientSession session) {
        if (current == session) {
            current = null;
            pump();
        }
    }

    @Override
    public void onHoldLost(Event.HoldLost lost) {
        observer.onHoldLost(lost);
    }

    @Override
    public void onReleaseRequested(Event.ReleaseRequested request) {
        observer.onReleaseRequested(request);
    }

    /**
     * Fails whatever is under way, refuses whatever comes, and closes the session in the cluster.
     *
     * @param deadlineNanos when to stop trying
     * @return completes when the session is closed, or could not be
     */
    public CompletableFuture<Boolean> close(long deadlineNanos) {
        if (closed) {
            return CompletableFuture.completedFuture(true);
        }
        closed = true;
        ClientSession session = current;
        current = null;
        if (opener != null) {
            opener.stop();
        }
        CompletableFuture<Boolean> done = CompletableFuture.completedFuture(true);
        if (session != null) {
            session.belief().expire();
            observer.onSessionClosing(session);
            List<Long> toCancel = session.end(SessionManager::closedFailure);
            session.failWaits();
            done = SessionCloser.close(context, session, toCancel, deadlineNanos);
        }
        queue.failAll(command -> new LockClientClosedException(command.describe()));
        return done;
    }

    // An acquire is undone by closing; of other commands that were sent nobody will ever know.
    private static LockException closedFailure(PendingCommand command) {
        return command.isAcquire()
                ? new LockClientClosedException(command.describe())
                : Rejections.outcomeUnknown(command);
    }
}
