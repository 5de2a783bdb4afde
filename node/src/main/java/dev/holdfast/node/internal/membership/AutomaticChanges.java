package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import dev.holdfast.client.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has changes of the members made that nobody asked for, at the leader of the first group: looks once a second whether something is due, and
 * has one thing done at a time, on another thread. Whatever it knows of the others it has seen itself, in this term: a new leader begins
 * anew.
 */
public final class AutomaticChanges implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AutomaticChanges.class);
    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A newcomer goes on catching up after that. People's changes have to wait meanwhile. */
    private static final Duration CHANGE = Duration.ofSeconds(20);

    /** How many looks are skipped after something could not be done: at first, and at most. */
    private static final int PATIENCE = 4;

    private static final int PATIENCE_MAX = 32;

    /** Something that may be due. Its methods are called one after the other. */
    interface Duty {
        /** Whether it has to be known who answers. */
        boolean needsAnswers();

        /** What is to be done now; empty if nothing. May block for some seconds. */
        Optional<AutomaticChange> due(MemberSet members, Silence silence) throws InterruptedException;

        /** What it said to be due was refused. */
        default void refused(AutomaticChange change, String why) {}

        /** This peer does not lead. */
        default void rest() {}
    }

    /** Makes changes, if this peer leads. */
    public interface Changer {
        /** As {@link MemberChanger#perform(AutomaticChange, Duration)}. */
        MemberChangeResult perform(AutomaticChange change, Duration timeout)
                throws NotLeadingException, InterruptedException;
    }

    private final MemberControl control;
    private final MemberControl.Group first;
    private final List<Duty> duties;
    private final Changer changer;
    private final Timers timers;
    private final Executor worker;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile boolean closed;

    /** Whether it has done all that is to be done while this peer does not lead. */
    private volatile boolean resting;

    /** The following are of one look after the other. */
    private final Silence silence;

    private int skipped;

    /** How many will be skipped next. */
    private int patience = PATIENCE;

    /** With which duty the next look begins, lest one that is refused for long keep the others waiting. */
    private int next;

    private final RepeatedWarning warning = new RepeatedWarning(LOG);

    /** @param worker where it blocks; stays the caller's */
    AutomaticChanges(MemberControl control, List<Duty> duties, Changer changer, Timers timers, Executor worker) {
        this.control = control;
        this.first = control.groups().get(0);
        this.duties = List.copyOf(duties);
        this.changer = changer;
        this.timers = timers;
        this.worker = worker;
        this.silence = new Silence(timers::nanoTime);
    }

    /**
     * Those that a node makes.
     *
     * @param admissions lets in who has a join token
     * @param moves has it recorded who has moved
     * @param replaceLostDisk whether a newcomer takes the place of the member of its name
     * @param replaceAfter how long a voter may be silent before a listener votes in its place; {@code null} for ever
     * @param worker where it blocks, also while groups follow; stays the caller's
     */
    public static AutomaticChanges of(
            MemberControl control,
            Admissions admissions,
            MoveAudit moves,
            boolean replaceLostDisk,
            @Nullable Duration replaceAfter,
            Changer changer,
            Timers timers,
            Executor worker) {
        List<Duty> duties = new ArrayList<>(List.of(moves, admissions));
        if (replaceLostDisk) {
            duties.add(new LostDisks(control));
        }
        if (replaceAfter != null) {
            duties.add(new LongGone(replaceAfter));
        }
        return new AutomaticChanges(control, duties, changer, timers, worker);
    }

    public void start() {
        if (!duties.isEmpty()) {
            timers.schedule(this::look, LOOK_EVERY_NANOS);
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        boolean isIdle = resting && !first.leads();
        if (!isIdle && busy.compareAndSet(false, true)) {
            try {
                worker.execute(this::work);
            } catch (RejectedExecutionException e) {
                // It is being closed, or there is too much to do already.
                busy.set(false);
            }
        }
        timers.schedule(this::look, LOOK_EVERY_NANOS);
    }

    private void work() {
        try {
            lookAround();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("The members could not be changed", e);
            pause();
        } finally {
            busy.set(false);
        }
    }

    private void lookAround() throws InterruptedException {
        if (!first.leads()) {
            silence.forget();
            duties.forEach(Duty::rest);
            skipped = 0;
            patience = PATIENCE;
            resting = true;
            return;
        }
        resting = false;
        MemberSet members = first.configuration();
        if (!members.settled()) {
            return;
        }
        if (duties.stream().anyMatch(Duty::needsAnswers)) {
            silence.heard(members, Answers.of(first, control.self().id(), members.all()));
        }
        if (skipped > 0) {
            skipped--;
            return;
        }
        for (int i = 0; i < duties.size(); i++) {
            Duty duty = duties.get((next + i) % duties.size());
            Optional<AutomaticChange> due = duty.due(members, silence);
            if (due.isPresent()) {
                next = (next + i + 1) % duties.size();
                perform(duty, due.get());
                return;
            }
        }
    }

    private void perform(Duty duty, AutomaticChange change) throws InterruptedException {
        try {
            MemberChangeResult result = changer.perform(change, CHANGE);
            if (result.changed()) {
                LOG.info("The cluster has changed its members by itself ({}): {}", change, result.text());
                warning.forget();
                patience = PATIENCE;
            } else {
                LOG.debug("{}: {}", change, result.text());
                pause();
            }
        } catch (NotLeadingException e) {
            LOG.debug("{}: another leads", change, e);
        } catch (MemberChangeException e) {
            String why = String.valueOf(e.getMessage());
            pause();
            duty.refused(change, why);
            warning.say(change + " is due, but was refused (" + e.reason() + "): " + why);
        }
    }

    private void pause() {
        skipped = patience;
        patience = Math.min(2 * patience, PATIENCE_MAX);
    }

    @Override
    public void close() {
        closed = true;
    }
}
