package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * Finds the fewest answers that show that a history is not linearizable, by leaving out more and more of them as long as the rest
 * shows it (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
 *
 * <p>What changes something cannot simply be left out: without a release, a right history shows two holders. So there are three
 * ways to leave something out, none of which makes a right history wrong:
 *
 * <ol>
 *   <li>An operation that never changes anything is taken out.
 *   <li>All operations of one hold are taken out, unless something is left that somebody must have been in the way of.
 *   <li>Of any other operation only the answer is left out: it may then have happened at any time since it was invoked, or never.
 * </ol>
 *
 * @param <S> the model's state
 */
public final class SmallestHistory<S> {
    private static final Result NOT_LOOKED_AT = new Result.Unknown("its answer is not needed");

    private final Model<S> model;
    private final UnaryOperator<List<Operation>> unseen;
    private final long stepsEach;
    private final LongSupplier nanoTime;
    private final long nanosMax;

    /**
     * @param unseen as for {@link LinearizabilityChecker}
     * @param stepsEach how many steps to spend on the question whether fewer answers are enough; if they do not decide it, the
     *     answer is no
     * @param nanoTime as {@link System#nanoTime}
     * @param nanosMax how long to go on in all
     */
    public SmallestHistory(
            Model<S> model,
            UnaryOperator<List<Operation>> unseen,
            long stepsEach,
            LongSupplier nanoTime,
            long nanosMax) {
        this.model = model;
        this.unseen = unseen;
        this.stepsEach = stepsEach;
        this.nanoTime = nanoTime;
        this.nanosMax = nanosMax;
    }

    /**
     * What was found.
     *
     * @param operations whose answers no order explains, by invocation
     * @param others how many operations there are besides, of those that were invoked until it shows: it does not matter whether
     *     they happened
     * @param minimal whether it is certain that none of the answers can be left out
     */
    public record Found(List<Operation> operations, int others, boolean minimal) {
        public Found {
            operations = List.copyOf(operations);
        }
    }

    /** What is left of a history: its operations, and those of them whose answers count. */
    private record Rest(List<Operation> operations, Set<Operation> answered) {}

    /**
     * @param recorded the operations of one key that were recorded, none of which was added
     * @param prefix how many of the completions, in their order, are enough to show it
     */
    public Found of(List<Operation> recorded, int prefix) {
        List<Operation> completed = recorded.stream()
                .filter(operation -> !operation.isUnknown())
                .sorted(Comparator.comparingLong(Operation::completedNanos))
                .toList();
        if (prefix < 1 || prefix > completed.size()) {
            throw new IllegalArgumentException("not shown by " + prefix + " completions of " + completed.size());
        }
        List<Operation> all =
                LinearizabilityChecker.until(recorded, completed.get(prefix - 1).completedNanos());
        Reduction reduction = new Reduction(new Rest(all, identities(completed.subList(0, prefix))));
        reduction.run();
        List<Operation> needed = reduction.rest.answered().stream()
                .sorted(Comparator.comparingLong(Operation::invokedNanos))
                .toList();
        return new Found(needed, all.size() - needed.size(), reduction.minimal);
    }

    /** Two operations that are equal may both be there. */
    private static Set<Operation> identities(Collection<Operation> operations) {
        Set<Operation> set = Collections.newSetFromMap(new IdentityHashMap<>());
        set.addAll(operations);
        return set;
    }

    /** Leaves out as much as there is time for. */
    private final class Reduction {
        private final long deadline = nanoTime.getAsLong() + nanosMax;
        private Rest rest;
        private boolean minimal;

        Reduction(Rest rest) {
            this.rest = rest;
        }

        void run() {
            int before;
            do {
                before = rest.answered().size();
                leaveOut(
                        singly(rest.answered().stream().filter(model::onlyReads).toList()), false);
                if (rest.answered().stream().noneMatch(model::needsOthers)) {
                    leaveOut(bySubject(), true);
                }
                minimal = leaveOut(singly(rest.answered()), false);
                // Where the search gave up, it may not with less.
            } while (!minimal && rest.answered().size() < before && nanoTime.getAsLong() - deadline < 0);
        }

        private List<List<Operation>> singly(Collection<Operation> operations) {
            return operations.stream()
                    .sorted(Comparator.comparingLong(Operation::completedNanos))
                    .map(List::of)
                    .toList();
        }

        private List<List<Operation>> bySubject() {
            Map<Object, List<Operation>> groups = new LinkedHashMap<>();
            for (Operation operation : rest.operations()) {
                Object subject = model.subject(operation);
                if (subject != null) {
                    groups.computeIfAbsent(subject, any -> new ArrayList<>()).add(operation);
                }
            }
            return new ArrayList<>(groups.values());
        }

        /**
         * Tries that with ever smaller parts of the list, from its beginning on: what shows it is most likely near its end. What
         * is shown by fewer answers is shown by more, so one pass of single ones is enough. Returns whether each of those was
         * decided.
         */
        private boolean leaveOut(List<List<Operation>> candidates, boolean takeOut) {
            List<List<Operation>> left = new ArrayList<>(candidates);
            boolean decided = true;
            for (int chunk = Math.max(1, left.size() / 2); chunk >= 1; chunk /= 2) {
                decided = true;
                for (int from = 0; from < left.size(); ) {
                    if (nanoTime.getAsLong() - deadline >= 0) {
                        return false;
                    }
                    List<List<Operation>> part = left.subList(from, Math.min(left.size(), from + chunk));
                    Rest less = without(part.stream().flatMap(List::stream).toList(), takeOut);
                    Verdict verdict = judge(less);
                    if (verdict == Verdict.ILLEGAL) {
                        rest = less;
                        part.clear();
                    } else {
                        decided &= verdict == Verdict.OK;
                        from += chunk;
                    }
                }
            }
            return decided;
        }

        private Rest without(List<Operation> operations, boolean takeOut) {
            Set<Operation> out = identities(operations);
            Set<Operation> answered = identities(rest.answered());
            answered.removeAll(out);
            return takeOut
                    ? new Rest(
                            rest.operations().stream()
                                    .filter(operation -> !out.contains(operation))
                                    .toList(),
                            answered)
                    : complete(new Rest(rest.operations(), answered));
        }
    }

    /** The same with the answers without which others say nothing. */
    private Rest complete(Rest rest) {
        Set<Object> subjects = new HashSet<>();
        for (Operation operation : rest.answered()) {
            Object subject = model.needsItsSubject(operation) ? model.subject(operation) : null;
            if (subject != null) {
                subjects.add(subject);
            }
        }
        Set<Operation> answered = identities(rest.answered());
        for (Operation operation : rest.operations()) {
            Object subject = model.subject(operation);
            if (subject != null
                    && subjects.contains(subject)
                    && !operation.isUnknown()
                    && !model.onlyReads(operation)) {
                answered.add(operation);
            }
        }
        return new Rest(rest.operations(), answered);
    }

    /** Of the history in which only these have answers, and those without which these say nothing. */
    Verdict judge(Collection<Operation> answered, List<Operation> all) {
        return judge(complete(new Rest(all, identities(answered))));
    }

    private Verdict judge(Rest rest) {
        List<Operation> weaker = new ArrayList<>();
        for (Operation operation : rest.operations()) {
            if (operation.isUnknown() || rest.answered().contains(operation)) {
                weaker.add(operation);
            } else if (!model.onlyReads(operation)) {
                weaker.add(operation.completed(NOT_LOOKED_AT, Operation.NEVER));
            }
        }
        return new Search<>(model, unseen.apply(weaker)).run(stepsEach);
    }
}
