package dev.holdfast.jepsen.simulation;

import dev.holdfast.jepsen.simulation.Simulation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs of many seeds. */
public final class Simulations {
    private static final int SHOWN_MAX = 120;
    private static final long SHRINKING_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final List<String> undecided = new ArrayList<>();
    private long runs;
    private long operations;
    private long entries;

    /** How much has been run so far, in one line. */
    public String summary() {
        return runs + " simulated runs, " + operations + " operations, " + entries + " log entries"
                + (undecided.isEmpty() ? "" : "; undecided: " + String.join(", ", undecided));
    }

    /**
     * Where it took too long to find out whether what clients saw can be put in an order, by seed and key. The state machine, tokens,
     * beliefs and deadlines were checked there all the same.
     */
    public List<String> undecided() {
        return List.copyOf(undecided);
    }

    /**
     * Runs seeds until one fails.
     *
     * @return what failed, with as few steps as are needed for it; {@code null} if none did
     */
    public @Nullable String firstFailure(long firstSeed, long count) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            Outcome outcome = Simulation.run(Plan.of(seed), false, true);
            runs++;
            operations += outcome.operations();
            entries += outcome.entries();
            for (String key : outcome.undecided()) {
                undecided.add("seed " + seed + " (" + key + ")");
            }
            if (outcome.failed()) {
                return again(seed, String.valueOf(outcome.failure()));
            }
        }
        return null;
    }

    /** Repeats what has failed, with fewer and fewer steps. */
    private static String again(long seed, String failure) {
        if (!Simulation.run(Plan.of(seed), false, true).failed()) {
            return "seed " + seed + ": " + failure
                    + "\nIt did not fail when it was repeated: something in it depends on more than the seed";
        }
        return describe(seed, shrink(Plan.of(seed)));
    }

    /** How many steps the run of that seed has. */
    public static int steps(long seed) {
        return Plan.of(seed).steps().size();
    }

    /**
     * Repeats a run.
     *
     * @param steps the numbers of the steps to do; empty for all
     * @param lines is given what happens
     * @return what failed; {@code null} if nothing did
     */
    public static @Nullable String replay(long seed, List<Integer> steps, Consumer<String> lines) {
        Plan plan = Plan.of(seed);
        Outcome outcome = Simulation.run(steps.isEmpty() ? plan : plan.only(steps), true, true);
        outcome.trace().forEach(lines);
        return outcome.failure();
    }

    /**
     * The first failure of those seeds in one line, not shrunk: for callers that load this class in a class loader of
     * their own.
     */
    public static @Nullable String firstFailureInBrief(long firstSeed, long count, boolean watched) {
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            Outcome outcome = Simulation.run(Plan.of(seed), false, watched);
            if (outcome.failed()) {
                return "seed " + seed + ": " + outcome.failure();
            }
        }
        return null;
    }

    /**
     * Leaves out the steps without which it still fails: first by halves, in the end one by one, and no longer than a few minutes. With
     * steps left out, a history may be far harder to check.
     */
    private static List<Integer> shrink(Plan plan) {
        long endNanos = System.nanoTime() + SHRINKING_NANOS;
        List<Integer> needed =
                new ArrayList<>(IntStream.range(0, plan.steps().size()).boxed().toList());
        for (int chunk = Math.max(1, needed.size() / 2); chunk >= 1; chunk /= 2) {
            for (int from = 0; from < needed.size(); ) {
                List<Integer> fewer = new ArrayList<>(needed);
                fewer.subList(from, Math.min(from + chunk, fewer.size())).clear();
                if (System.nanoTime() - endNanos >= 0) {
                    return needed;
                }
                if (Simulation.run(plan.only(fewer), false, true).failed()) {
                    needed = fewer;
                } else {
                    from += chunk;
                }
            }
        }
        return needed;
    }

    private static String describe(long seed, List<Integer> steps) {
        List<String> lines = new ArrayList<>();
        String failure = replay(seed, steps, lines::add);
        int left = Math.max(0, lines.size() - SHOWN_MAX);
        String shown = lines.subList(left, lines.size()).stream().collect(Collectors.joining("\n  "));
        String numbers = steps.stream().map(String::valueOf).collect(Collectors.joining(","));
        return "seed " + seed + ": " + failure + "\n  " + (left > 0 ? "(" + left + " lines before)\n  " : "") + shown
                + "\nrepeat it with ./holdfast verify --simulate 1 --seed " + seed + " --steps " + numbers;
    }
}
