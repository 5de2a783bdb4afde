package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.time.Timers;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a command's time is up. Most commands have the same time, so they end in the order in which they began, and need
 * no sorting. Touched by tasks of the serial executor only.
 */
public final class RequestDeadlines {
    private static final int SWEEP_EVERY = 1024;

    private final ClientContext context;
    private final Consumer<PendingCommand> expired;

    /** Each no sooner than the one before. */
    private final ArrayDeque<PendingCommand> inOrder = new ArrayDeque<>();

    /** Those that came with a sooner deadline than one before them. */
    private final PriorityQueue<PendingCommand> others =
            new PriorityQueue<>(Comparator.comparingLong(PendingCommand::deadlineNanos));

    private int watched;
    private long scheduledNanos = ClientClock.NEVER;
    private Timers.@Nullable Scheduled timer;

    /** @param expired called for each command that is not done at its deadline */
    public RequestDeadlines(ClientContext context, Consumer<PendingCommand> expired) {
        this.context = context;
        this.expired = expired;
    }

    public void watch(PendingCommand command) {
        PendingCommand last = inOrder.peekLast();
        if (last == null || last.deadlineNanos() <= command.deadlineNanos()) {
            inOrder.add(command);
        } else {
            others.add(command);
        }
        if (++watched % SWEEP_EVERY == 0) {
            // What is done needs no watching; without this a busy client would remember a whole timeout's worth of
            // commands.
            dropDone();
            others.removeIf(PendingCommand::isDone);
        }
        if (command.deadlineNanos() < scheduledNanos) {
            schedule(command.deadlineNanos());
        }
    }

    private void schedule(long instantNanos) {
        Timers.Scheduled before = timer;
        if (before != null) {
            before.cancel();
        }
        scheduledNanos = instantNanos;
        timer = context.at(instantNanos, this::expire);
    }

    private void expire() {
        timer = null;
        scheduledNanos = ClientClock.NEVER;
        long now = context.nowNanos();
        PendingCommand next = next();
        while (next != null && next.deadlineNanos() <= now) {
            expired.accept(poll(next));
            next = next();
        }
        if (next != null && next.deadlineNanos() < scheduledNanos) {
            schedule(next.deadlineNanos());
        }
    }

    private @Nullable PendingCommand next() {
        dropDone();
        PendingCommand first = inOrder.peek();
        PendingCommand other = others.peek();
        if (first == null || other == null) {
            return first == null ? other : first;
        }
        return other.deadlineNanos() < first.deadlineNanos() ? other : first;
    }

    private PendingCommand poll(PendingCommand next) {
        if (inOrder.peek() == next) {
            inOrder.remove();
        } else {
            others.remove();
        }
        return next;
    }

    private void dropDone() {
        for (PendingCommand head = inOrder.peek(); head != null && head.isDone(); head = inOrder.peek()) {
            inOrder.remove();
        }
        for (PendingCommand head = others.peek(); head != null && head.isDone(); head = others.peek()) {
            others.remove();
        }
    }
}
