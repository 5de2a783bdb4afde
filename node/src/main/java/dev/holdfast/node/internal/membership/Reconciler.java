package dev.holdfast.node.internal.membership;

import dev.holdfast.client.time.Timers;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the members of all groups those of the first: looks once a second, and has it done on another thread where something differs. A
 * cluster of one group is left alone.
 */
public final class Reconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many looks are skipped after something could not be done. */
    private static final int PATIENCE = 4;

    private final Duty[] duties;
    private final Timers timers;
    private final Executor worker;
    private volatile boolean closed;

    /** @param worker where it blocks; stays the caller's */
    public Reconciler(MemberControl control, Timers timers, Executor worker) {
        this.duties = IntStream.range(1, control.groups().size())
                .mapToObj(number -> new Duty(new GroupFollower(control, number)))
                .toArray(Duty[]::new);
        this.timers = timers;
        this.worker = worker;
    }

    public void start() {
        if (duties.length > 0) {
            timers.schedule(this::look, LOOK_EVERY_NANOS);
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        for (Duty duty : duties) {
            duty.look();
        }
        timers.schedule(this::look, LOOK_EVERY_NANOS);
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One group. */
    private final class Duty {
        private final GroupFollower follower;
        private final AtomicBoolean busy = new AtomicBoolean();
        private volatile int skipped;
        private final RepeatedWarning warning = new RepeatedWarning(LOG);

        Duty(GroupFollower follower) {
            this.follower = follower;
        }

        void look() {
            int left = skipped;
            if (left > 0) {
                skipped = left - 1;
            } else if (follower.isDue() && busy.compareAndSet(false, true)) {
                try {
                    worker.execute(this::work);
                } catch (RejectedExecutionException e) {
                    // It is being closed, or there is too much to do already.
                    busy.set(false);
                }
            }
        }

        private void work() {
            try {
                Optional<String> problem = follower.follow();
                problem.ifPresent(warning::say);
                skipped = problem.isPresent() ? PATIENCE : 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.warn("The members of a group could not be changed", e);
                skipped = PATIENCE;
            } finally {
                busy.set(false);
            }
        }
    }
}
