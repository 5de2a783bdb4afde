package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Asks who holds a lockable. What comes while it is being asked waits for the next question, which serves all of these: when many are granted a
 * semaphore at once, the leader is not asked by each. A question that serves somebody was never asked before that one came.
 * Thread-safe.
 */
final class Inspections {
    /** As one caller may see it. */
    private record Subject(Transport leader, LockableKey lockable) {}

    /**
     * An answer.
     *
     * @param sentNanos when it was asked for, or earlier
     */
    record Inspection(Answer.LockableView view, long sentNanos) {}

    /** By what is being asked about: those that wait for the next question. */
    private final Map<Subject, List<CompletableFuture<Inspection>>> waiting = new HashMap<>();

    /** @param asking gives the time for a question */
    CompletableFuture<Inspection> inspect(Transport leader, LockableKey lockable, Supplier<Asking> asking) {
        Subject subject = new Subject(leader, lockable);
        CompletableFuture<Inspection> wanted = new CompletableFuture<>();
        synchronized (waiting) {
            List<CompletableFuture<Inspection>> next = waiting.get(subject);
            if (next != null) {
                next.add(wanted);
                return wanted;
            }
            waiting.put(subject, new ArrayList<>());
        }
        ask(subject, List.of(wanted), asking);
        return wanted;
    }

    private void ask(Subject subject, List<CompletableFuture<Inspection>> served, Supplier<Asking> asking) {
        long sentNanos = System.nanoTime();
        var unused = asking.get()
                .ask(subject.leader, new Query.Inspect(subject.lockable, 0), Answer.LockableView.class)
                .whenComplete((view, failure) -> {
                    askNext(subject, asking);
                    for (CompletableFuture<Inspection> each : served) {
                        if (failure == null) {
                            each.complete(new Inspection(view, sentNanos));
                        } else {
                            each.completeExceptionally(failure);
                        }
                    }
                });
    }

    private void askNext(Subject subject, Supplier<Asking> asking) {
        List<CompletableFuture<Inspection>> next;
        synchronized (waiting) {
            next = waiting.remove(subject);
            if (next == null || next.isEmpty()) {
                return;
            }
            waiting.put(subject, new ArrayList<>());
        }
        ask(subject, next, asking);
    }
}
