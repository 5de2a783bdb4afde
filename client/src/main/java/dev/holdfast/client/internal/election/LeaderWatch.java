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
 * that answers come in order. Touched by tasks of the election only, except for {@link #add} and {@link #close}.
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

    /** Read by any thread. */
    private volatile boolean closed;

    private Timers.@Nullable Scheduled timer;

    /** The last answer. */
    private Optional<Leader> last = Optional.empty();

    private final class Observer {
        private final LeaderListener listener;
        private final OrderedExecutor lane =
                new OrderedExecutor(clockwork.callbacks().usual());

        /** Read by any thread. */
        private volatile boolean over;

        /** Whether a question was asked since it began to observe. What others were told before may be old by now. */
        private boolean asked;

        private boolean told;

        Observer(LeaderListener listener) {
            this.listener = listener;
        }

        void tell(Optional<Leader> leader) {
            told = true;
            lane.execute(() -> {
                if (!over && !closed) {
                    listener.onLeader(leader);
                }
            });
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
        Observer observer = new Observer(listener);
        clockwork.serial().execute(() -> begin(observer));
        return () -> {
            observer.over = true;
            clockwork.serial().execute(() -> end(observer));
        };
    }

    private void begin(Observer observer) {
        if (!closed && !observer.over) {
            observers.add(observer);
            hint();
        }
    }

    private void end(Observer observer) {
        observers.remove(observer);
        if (observers.isEmpty()) {
            unschedule();
        }
    }

    /** Any thread may call it. No call of a listener begins any more. */
    void close() {
        closed = true;
        clockwork.serial().execute(() -> {
            observers.clear();
            unschedule();
        });
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
        observers.forEach(observer -> observer.asked = true);
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
        boolean changed = !last.map(Leader::token).equals(leader.map(Leader::token));
        last = leader;
        observers.stream()
                .filter(observer -> observer.asked && (changed || !observer.told))
                .forEach(observer -> observer.tell(leader));
    }

    private void unschedule() {
        Timers.Scheduled scheduled = timer;
        if (scheduled != null) {
            scheduled.cancel();
            timer = null;
        }
    }
}
