package dev.holdfast.client.internal.session;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.internal.lease.LeaseBelief;
import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.client.internal.pipeline.CommandQueue;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.PendingCommand;
import dev.holdfast.client.internal.pipeline.Pipeline;
import dev.holdfast.client.internal.pipeline.PipelineHost;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One open session, to its end: not confirmed for a lease, gone, or closed. It is never revived; after its end the client
 * opens another. Touched by tasks of the serial executor only.
 */
public final class ClientSession implements PipelineHost {
    /** An event that no batch has acknowledged for so long is acknowledged by a batch of its own. */
    private static final long LAZY_ACK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ClientContext context;
    private final SessionHost host;
    private final SessionId id;
    private final long openedNanos;
    private final long leaseNanos;
    private final LeaseBelief belief;
    private final Pipeline pipeline;
    private final EventStream events;
    private final KeepAlive keepAlive;
    private final Map<Long, WaitListener> waits = new LinkedHashMap<>();

    /** Grants to acquires that are being cancelled: the acquire's sequence, by the number of the event that told of it. */
    private final TreeMap<Long, Long> grantsToCancel = new TreeMap<>();

    private boolean ended;
    private boolean suspect;
    private boolean ackScheduled;
    private Timers.@Nullable Scheduled beliefCheck;

    /** @param openedNanos from when the cluster may have counted the session's lease */
    ClientSession(ClientContext context, SessionHost host, CommandQueue queue, SessionId id, long openedNanos) {
        this.context = context;
        this.host = host;
        this.id = id;
        this.openedNanos = openedNanos;
        this.leaseNanos = context.options().sessionLease().toNanos();
        this.belief = new LeaseBelief(suspectAt(openedNanos), deadline(openedNanos));
        this.pipeline = new Pipeline(context, this, queue);
        this.events = new EventStream(context, id, this::onEvent, this::onSubscriptionRefused);
        this.keepAlive = new KeepAlive(context, id, leaseNanos, new KeepAlive.Listener() {
            @Override
            public void onAlive(long sentNanos, long logTimeMs) {
                host.logClock().observe(sentNanos, logTimeMs);
                confirm(sentNanos);
            }

            @Override
            public void onGone() {
                lose(true);
            }
        });
    }

    /** Begins to renew the session and to hear its events. */
    void start() {
        keepAlive.start(openedNanos);
        events.start();
        scheduleBeliefCheck();
    }

    private long suspectAt(long sentNanos) {
        return sentNanos + leaseNanos / 2;
    }

    private long deadline(long sentNanos) {
        return sentNanos + leaseNanos - LogClock.allowanceNanos(leaseNanos);
    }

    @Override
    public SessionId id() {
        return id;
    }

    public Pipeline pipeline() {
        return pipeline;
    }

    /** What the client believes about its life, once it is open; holds that it keeps share this belief. */
    public LeaseBelief belief() {
        return belief;
    }

    public boolean isEnded() {
        return ended;
    }

    @Override
    public boolean checkAlive() {
        if (!ended && belief.state(context.nowNanos()) == HoldState.LOST) {
            lose(false);
        }
        return !ended;
    }

    // A grant that is to be undone must stay known to the cluster until it is.
    @Override
    public long eventsDoneWith() {
        return grantsToCancel.isEmpty() ? events.lastReceived() : grantsToCancel.firstKey() - 1;
    }

    @Override
    public void onCancelled(long acquireSequence) {
        if (grantsToCancel.values().remove(acquireSequence)) {
            scheduleAcknowledgement();
        }
    }

    @Override
    public void onReply(long sentNanos, long logTimeMs) {
        host.logClock().observe(sentNanos, logTimeMs);
    }

    @Override
    public void onSessionUnknown() {
        lose(true);
    }

    private void confirm(long sentNanos) {
        long now = context.nowNanos();
        if (!belief.confirm(now, suspectAt(sentNanos), deadline(sentNanos))) {
            lose(false);
        } else if (suspect && belief.state(now) == HoldState.HELD) {
            suspect = false;
            host.onSessionRenewed(this);
        }
    }

    private void scheduleBeliefCheck() {
        beliefCheck = context.at(belief.nextChangeNanos(context.nowNanos()), this::checkBelief);
    }

    private void checkBelief() {
        if (!checkAlive()) {
            return;
        }
        HoldState believed = belief.state(context.nowNanos());
        if (believed == HoldState.SUSPECT && !suspect) {
            suspect = true;
            host.onSessionSuspect(this);
        }
        scheduleBeliefCheck();
    }

    private void onSubscriptionRefused() {
        if (!ended) {
            keepAlive.hurry();
        }
    }

    /** Registers the acquire with that number, which the cluster may queue. */
    public void addWait(long acquireSequence, WaitListener listener) {
        waits.put(acquireSequence, listener);
    }

    public void removeWait(long acquireSequence) {
        waits.remove(acquireSequence);
    }

    private void onEvent(long number, Event event) {
        if (!checkAlive()) {
            return;
        }
        scheduleAcknowledgement();
        if (event instanceof Event.WaitGranted granted) {
            onWaitGranted(
                    number,
                    granted.acquireSequence(),
                    new Outcome.Granted(granted.token(), granted.deadlineMs(), granted.count(), granted.reacquired()));
        } else if (event instanceof Event.WaitGrantedAll granted) {
            onWaitGranted(number, granted.acquireSequence(), new Outcome.GrantedAll(granted.grants()));
        } else if (event instanceof Event.WaitEnded over) {
            WaitListener listener = waits.remove(over.acquireSequence());
            if (listener != null) {
                listener.onWaitEnded(over.reason());
            }
        } else if (event instanceof Event.HoldLost lost) {
            host.onHoldLost(lost);
        } else if (event instanceof Event.ReleaseRequested request) {
            host.onReleaseRequested(request);
        }
    }

    private void onWaitGranted(long number, long acquireSequence, Outcome granted) {
        WaitListener listener = waits.remove(acquireSequence);
        if (listener != null) {
            listener.onWaitGranted(granted);
            // Its caller is likely to ask for something soon, along with those that the same grants have woken.
            context.serial().expect(1);
        } else if (pipeline.isCancelling(acquireSequence)) {
            grantsToCancel.put(number, acquireSequence);
        }
    }

    private void scheduleAcknowledgement() {
        if (!ackScheduled) {
            ackScheduled = true;
            context.after(LAZY_ACK_NANOS, () -> {
                ackScheduled = false;
                if (!ended && pipeline.eventsAcknowledged() < eventsDoneWith()) {
                    pipeline.submitOwn(
                            new PendingCommand(new Command.Acknowledge(), ClientClock.NEVER, OutcomeHandler.IGNORING));
                }
            });
        }
    }

    // The holds go first: nobody may be told of anything else while still believing in them.
    private void lose(boolean gone) {
        if (ended) {
            return;
        }
        ended = true;
        belief.expire();
        host.onSessionLost(this);
        List<Long> toCancel = end(Rejections::outcomeUnknown);
        if (!gone) {
            SessionCloser.close(context, this, toCancel, context.nowNanos() + leaseNanos);
        }
        failWaits();
        host.onSessionEnded(this);
    }

    /**
     * Ends the session.
     *
     * @param failure makes the exception for a command that may have been applied
     * @return the acquires that should be undone if the session still lives in the cluster
     */
    List<Long> end(Function<PendingCommand, LockException> failure) {
        ended = true;
        Timers.Scheduled check = beliefCheck;
        if (check != null) {
            check.cancel();
        }
        keepAlive.stop();
        events.stop();
        return pipeline.close(failure);
    }

    /** Fails the acquires that are queued in the cluster. */
    void failWaits() {
        List<WaitListener> queued = new ArrayList<>(waits.values());
        waits.clear();
        queued.forEach(WaitListener::onSessionLost);
    }
}
