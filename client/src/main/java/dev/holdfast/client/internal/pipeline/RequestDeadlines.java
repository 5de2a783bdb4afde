package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.internal.serial.ClientContext;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Tells when a command's time is up. All commands have the same time, so they end in the order in which they began, and
 * one timer at the head of a queue serves them all. Touched by tasks of the serial executor only.
 */
public final class RequestDeadlines {
    private final ClientContext context;
    private final Consumer<PendingCommand> expired;
    private final ArrayDeque<PendingCommand> byDeadline = new ArrayDeque<>();
    private boolean scheduled;

    /** @param expired called for each command that is not done at its deadline */
    public RequestDeadlines(ClientContext context, Consumer<PendingCommand> expired) {
        this.context = context;
        this.expired = expired;
    }

    /** Watches a command whose deadline is not before that of the command watched last. */
    public void watch(PendingCommand command) {
        byDeadline.add(command);
        if (!scheduled) {
            scheduleHead(command);
        } else if (byDeadline.size() % 1024 == 0) {
            dropDone();
        }
    }

    private void scheduleHead(PendingCommand head) {
        scheduled = true;
        context.at(head.deadlineNanos(), this::expire);
    }

    private void expire() {
        scheduled = false;
        long now = context.nowNanos();
        dropDone();
        PendingCommand head = byDeadline.peek();
        while (head != null && head.deadlineNanos() <= now) {
            byDeadline.remove();
            expired.accept(head);
            dropDone();
            head = byDeadline.peek();
        }
        if (head != null && !scheduled) {
            scheduleHead(head);
        }
    }

    // What is done needs no watching; without this a busy client would remember a whole timeout's worth of commands.
    private void dropDone() {
        PendingCommand head = byDeadline.peek();
        while (head != null && head.isDone()) {
            byDeadline.remove();
            head = byDeadline.peek();
        }
    }
}
