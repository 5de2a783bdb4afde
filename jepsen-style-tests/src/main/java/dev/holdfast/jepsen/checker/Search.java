package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The search for an order of the operations of one key in which each takes effect between its invocation and its
 * completion and the model gives every recorded result: linearizability.
 *
 * <p>The algorithm is that of J. Wing and C. Gong ("Testing and Verifying Concurrent Objects", 1993) as G. Lowe
 * improved it ("Testing for linearizability", 2017) by remembering which sets of operations were tried with which
 * state. Invocations and completions are in one list by time. From its start, the first operation that the model allows
 * is taken out and made the next of the order; where a completion is met whose operation was not taken yet, the last
 * choice was wrong. Operations that never complete may be taken, and need not be.
 *
 * <p>What may be next and never changes anything, such as a read, is taken without trying the alternatives: in any
 * order that has it later it can be moved here, since nothing that is left has to come before it and the state stays
 * the same.
 *
 * <p>A search may be paused after any number of steps and continued later. Not thread-safe.
 *
 * @param <S> the model's state
 */
final class Search<S> {
    /** @param taken of the operations that complete, those that were taken */
    private record Configuration(BitSet taken, Object state) {}

    /** @param only whether the others that could have been next need not be tried instead */
    private record Choice<S>(Event call, S stateBefore, boolean only) {}

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
    /** What was tried, with those operations that never complete and had been taken by then. */
    private final Map<Configuration, List<BitSet>> tried = new HashMap<>();

    private final BitSet taken = new BitSet();
    private final BitSet takenOptional = new BitSet();
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
        // At the same instant, invocations come first: the two may have happened in either order.
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

    /** Continues for at most that many steps. */
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
        if (after == null || (operation.isUnknown() && after.equals(state))) {
            cursor = call.next;
            return;
        }
        BitSet set = call.completion == null ? takenOptional : taken;
        set.set(call.number);
        if (isNew(after)) {
            choices.push(new Choice<>(call, state, model.onlyReads(operation)));
            state = after;
            take(call);
            cursor = end.next;
        } else {
            set.clear(call.number);
            cursor = call.next;
        }
    }

    /**
     * Whether this has not been tried yet, nor anything from which at least as much is possible: the same with fewer of the
     * operations spent that need not be taken.
     */
    private boolean isNew(S after) {
        List<BitSet> spent =
                tried.computeIfAbsent(new Configuration((BitSet) taken.clone(), after), any -> new ArrayList<>(1));
        for (BitSet earlier : spent) {
            BitSet more = (BitSet) earlier.clone();
            more.andNot(takenOptional);
            if (more.isEmpty()) {
                return false;
            }
        }
        spent.add((BitSet) takenOptional.clone());
        return true;
    }

    private void backtrack() {
        boolean only;
        do {
            Choice<S> last = choices.poll();
            if (last == null) {
                verdict = Verdict.ILLEGAL;
                return;
            }
            putBack(last.call());
            (last.call().completion == null ? takenOptional : taken).clear(last.call().number);
            state = last.stateBefore();
            cursor = last.call().next;
            only = last.only();
        } while (only);
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
            throw new IllegalStateException("the end of the list is not an invocation");
        }
        return call.operation;
    }
}
