package dev.holdfast.client.internal.election;

import dev.holdfast.client.HoldfastClient.Registration;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.election.LeaderListener;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.internal.serial.OrderedExecutor;
import dev.holdfast.client.time.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks who leads, now and then, for as long as somebody wants to know, and tells of changes. One question is under way at a time, so
 * that answers come in order. Touched by tasks of the election only, except for {@link #add}.
 */
final class LeaderWatch {
    private final Clockwork clockwork;
    private final Ballot ballot;
    private final long intervalNanos;
    private final long timeoutNanos;
    private final List<Observer> observers = new ArrayList<>();
    private boolean asking;

    /** Whether to ask again at once. */
    private boolean hinted;

    private boolean closed;
    private Timers.@Nullable Scheduled timer;

    /** Whether anything was heard since somebody began to observe. */
    private boolean heard;

    private Optional<Leader> last = Optional.empty();

    private record Observer(LeaderListener listener, OrderedExecutor lane) {
        void tell(Optional<Leader> leader) {
            lane.execute(() -> listener.onLeader(leader));
        }
    }

    LeaderWatch(Clockwork clockwork, Ballot ballot, long intervalNanos, long timeoutNanos) {
        this.clockwork = clockwork;
        this.ballot = ballot;
        this.intervalNanos = intervalNanos;
        this.timeoutNanos = timeoutNanos;
    }

    /** Any thread may call it. */
    Registration add(LeaderListener listener) {
        Observer observer =
                new Observer(listener, new OrderedExecutor(clockwork.callbacks().usual()));
        clockwork.serial().execute(() -> begin(observer));
        return () -> clockwork.serial().execute(() -> end(observer));
    }

    private void begin(Observer observer) {
        if (closed) {
            return;
        }
        observers.add(observer);
        if (heard) {
            observer.tell(last);
        } else {
            hint();
        }
    }

    private void end(Observer observer) {
        observers.remove(observer);
        if (observers.isEmpty()) {
            unschedule();
            heard = false;
        }
    }

    void close() {
        closed = true;
        observers.clear();
        unschedule();
    }

    /** Something has changed. */
    void hint() {
        if (asking) {
            hinted = true;
        } else if (!observers.isEmpty()) {
            ask();
        }
    }

    private void ask() {
        unschedule();
        asking = true;
        hinted = false;
        clockwork.whenDone(ballot.look(timeoutNanos), (lock, failure) -> {
            asking = false;
            if (lock != null) {
                tell(lock.map(Candidates::leader));
            }
            if (!(failure instanceof LockClientClosedException)) {
                goOn();
            }
        });
    }

    private void goOn() {
        if (observers.isEmpty()) {
            return;
        }
        if (hinted) {
            ask();
        } else {
            timer = clockwork.after(intervalNanos, this::hint);
        }
    }

    private void tell(Optional<Leader> leader) {
        boolean changed = !heard || !last.map(Leader::token).equals(leader.map(Leader::token));
        // What comes when nobody observes any more is old when somebody does again.
        heard = !observers.isEmpty();
        last = leader;
        if (changed) {
            observers.forEach(observer -> observer.tell(leader));
        }
    }

    private void unschedule() {
        Timers.Scheduled scheduled = timer;
        if (scheduled != null) {
            scheduled.cancel();
            timer = null;
        }
    }
}
