package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The search for an order of the operations of one key in which each takes effect between its invocation and its
 * completion and the model gives every recorded result: linearizability.
 *
 * <p>The algorithm is that of J. Wing and C. Gong ("Testing and Verifying Concurrent Objects", 1993) as G. Lowe improved it
 * ("Testing for linearizability", 2017) by remembering which sets of operations were tried with which state. Invocations and
 * completions are in one list by time. From its start, the first operation that the model allows is taken out and made the
 * next of the order; where a completion is met whose operation was not taken yet, the last choice was wrong. Operations that
 * never complete may be taken, and need not be.
 *
 * <p>It may be stopped after any number of steps, and go on later. Not thread-safe.
 *
 * @param <S> the model's state
 */
final class Search<S> {
    private record Configuration(BitSet taken, Object state) {}

    private record Choice<S>(Event call, S stateBefore) {}

    /** An invocation or a completion, linked with those before and after it. */
    private static final class Event {
        final @Nullable Operation operation;
        final int number;
        final long nanos;

        /** Of an invocation: the completion, if there is one. */
        @Nullable
        Event completion;

        final boolean isCall;

        Event previous = this;
        Event next = this;

        Event(@Nullable Operation operation, int number, long nanos, boolean isCall) {
            this.operation = operation;
            this.number = number;
            this.nanos = nanos;
            this.isCall = isCall;
        }

        void insertAfter(Event other) {
            previous = other;
            next = other.next;
            next.previous = this;
            other.next = this;
        }

        void unlink() {
            previous.next = next;
            next.previous = previous;
        }

        void relink() {
            previous.next = this;
            next.previous = this;
        }
    }

    private final Model<S> model;

    /** Before the first event, and after the last. */
    private final Event end = new Event(null, -1, Long.MIN_VALUE, false);

    private final Deque<Choice<S>> choices = new ArrayDeque<>();
    private final Set<Configuration> tried = new HashSet<>();
    private final BitSet taken = new BitSet();
    private int toComplete;
    private S state;
    private Event cursor;
    private Verdict verdict = Verdict.UNKNOWN;

    Search(Model<S> model, List<Operation> operations) {
        this.model = model;
        this.state = model.initial();
        List<Event> events = new ArrayList<>();
        for (Operation operation : operations) {
            Event call = new Event(operation, events.size(), operation.invokedNanos(), true);
            events.add(call);
            if (!operation.isUnknown()) {
                Event completion = new Event(operation, events.size(), operation.completedNanos(), false);
                call.completion = completion;
                events.add(completion);
                toComplete++;
            }
        }
        // At the same instant invocations first: those two may have been in either order.
        events.sort(Comparator.<Event>comparingLong(event -> event.nanos)
                .thenComparing(event -> !event.isCall)
                .thenComparingInt(event -> event.number));
        Event last = end;
        for (Event event : events) {
            event.insertAfter(last);
            last = event;
        }
        this.cursor = end.next;
    }

    /** Goes on for at most that many steps. */
    Verdict run(long steps) {
        for (long i = 0; i < steps && verdict == Verdict.UNKNOWN; i++) {
            step();
        }
        return verdict;
    }

    private void step() {
        if (toComplete == 0) {
            verdict = Verdict.OK;
        } else if (cursor.isCall) {
            tryNext(cursor);
        } else {
            // A completion of what was not taken, or the end of the list: no order begins with these choices.
            backtrack();
        }
    }

    private void tryNext(Event call) {
        Operation operation = operationOf(call);
        S after = model.step(state, operation);
        taken.set(call.number);
        if (after != null && tried.add(new Configuration((BitSet) taken.clone(), after))) {
            choices.push(new Choice<>(call, state));
            state = after;
            take(call);
            cursor = end.next;
        } else {
            taken.clear(call.number);
            cursor = call.next;
        }
    }

    private void backtrack() {
        Choice<S> last = choices.poll();
        if (last == null) {
            verdict = Verdict.ILLEGAL;
            return;
        }
        putBack(last.call());
        taken.clear(last.call().number);
        state = last.stateBefore();
        cursor = last.call().next;
    }

    private void take(Event call) {
        call.unlink();
        if (call.completion != null) {
            call.completion.unlink();
            toComplete--;
        }
    }

    private void putBack(Event call) {
        if (call.completion != null) {
            call.completion.relink();
            toComplete++;
        }
        call.relink();
    }

    private static Operation operationOf(Event call) {
        if (call.operation == null) {
            throw new IllegalStateException("the end of the list is no invocation");
        }
        return call.operation;
    }
}
