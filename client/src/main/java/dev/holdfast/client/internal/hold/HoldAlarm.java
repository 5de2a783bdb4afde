package dev.holdfast.client.internal.hold;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.internal.lease.LeaseBelief;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.time.Timers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rings while what a hold protects can still be stopped in order: when half of the time is over that was left of the lease
 * when the hold became suspect. Rings again when the hold is lost, or the client closed, for whoever did not hear it or has not
 * stopped. A renewal in time keeps it silent.
 *
 * <p>Costs a timer only from the moment when the hold becomes suspect for the first time. Touched by tasks of the serial
 * executor only, except for {@link #silence}.
 */
public final class HoldAlarm {
    private final ClientContext context;
    private final HoldHandle handle;
    private final Runnable bell;
    private boolean suspected;
    private boolean over;
    private Timers.@Nullable Scheduled timer;

    HoldAlarm(ClientContext context, HoldHandle handle, Runnable bell) {
        this.context = context;
        this.handle = handle;
        this.bell = bell;
    }

    void begin() {
        if (!over) {
            List<HoldAlarm> more = new ArrayList<>(handle.alarms);
            more.add(this);
            handle.alarms = List.copyOf(more);
            check();
        }
    }

    /** Does not ring any more, unless it is ringing. Any thread may call it. */
    public void silence() {
        context.serial().execute(this::end);
    }

    private void end() {
        over = true;
        handle.alarms = handle.alarms.stream().filter(other -> other != this).toList();
        unschedule();
    }

    /** To be called when the handle's state may have changed. */
    void check() {
        unschedule();
        HoldState state = handle.state();
        if (over || state == HoldState.RELEASED) {
            return;
        }
        if (state == HoldState.LOST) {
            ringLast();
            return;
        }
        suspected |= state == HoldState.SUSPECT;
        long now = context.nowNanos();
        LeaseBelief belief = handle.hold().belief();
        long dangerNanos = belief.dangerNanos();
        if (state == HoldState.SUSPECT && now >= dangerNanos) {
            ring();
        }
        if (suspected && dangerNanos != ClientClock.NEVER) {
            long next = now < dangerNanos ? dangerNanos : belief.nextChangeNanos(now);
            timer = context.at(next, this::check);
        }
    }

    void ringLast() {
        if (!over) {
            ring();
            end();
        }
    }

    private void ring() {
        context.callbacks().alarms().execute(bell);
    }

    private void unschedule() {
        Timers.Scheduled scheduled = timer;
        if (scheduled != null) {
            scheduled.cancel();
            timer = null;
        }
    }
}
