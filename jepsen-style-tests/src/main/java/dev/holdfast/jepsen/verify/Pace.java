package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.workload.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long the steps of trials take. What was measured in this run counts most. Then comes what earlier runs measured on this
 * machine, times how much slower or faster this run is than that. Of a step that was never measured, only its fault's own
 * time is known; what the others took beyond theirs is added. Not thread-safe.
 */
final class Pace {
    /** What a step takes beyond its fault's own time, until anything was measured. */
    private static final double GUESS_SECONDS = 5;

    private static final double DRIFT_MIN = 0.25;
    private static final double DRIFT_MAX = 8;

    /**
     * @param name a fault's, or one of those of {@link TrialWatch}
     * @param ownSeconds for how long the fault lasts by its definition; 0 for other steps
     */
    record Step(Kind kind, String name, double ownSeconds) {
        private String key() {
            return kind.name().toLowerCase(Locale.ROOT) + "." + name;
        }
    }

    /** The steps of a trial. */
    static List<Step> steps(Kind kind, Collection<Fault> faults) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(kind, TrialWatch.START, 0));
        faults.forEach(
                fault -> steps.add(new Step(kind, fault.name(), fault.lasts().toMillis() / 1e3)));
        steps.add(new Step(kind, TrialWatch.FINISH, 0));
        steps.add(new Step(kind, TrialWatch.JUDGE, 0));
        return steps;
    }

    /** Of something that was measured several times. */
    private static final class Mean {
        double sum;
        int count;

        void add(double value) {
            sum += value;
            count++;
        }

        double value() {
            return sum / count;
        }
    }

    private final Map<String, Double> remembered;
    private final Map<String, Mean> measured = new HashMap<>();
    private final Mean beyondOwn = new Mean();
    private double expectedSoFar;
    private double measuredSoFar;

    /** @param remembered what earlier runs {@linkplain #toRemember left} */
    Pace(Map<String, Double> remembered) {
        this.remembered = Map.copyOf(remembered);
    }

    void took(Step step, double seconds) {
        Double before = remembered.get(step.key());
        if (before != null) {
            expectedSoFar += before;
            measuredSoFar += seconds;
        }
        measured.computeIfAbsent(step.key(), any -> new Mean()).add(seconds);
        beyondOwn.add(Math.max(0, seconds - step.ownSeconds()));
    }

    double of(Collection<Step> steps) {
        return steps.stream().mapToDouble(this::of).sum();
    }

    double of(Step step) {
        Mean mean = measured.get(step.key());
        if (mean != null) {
            return mean.value();
        }
        Double before = remembered.get(step.key());
        return before == null ? step.ownSeconds() + beyondOwn() : before * drift();
    }

    /** How much longer than remembered the steps of this run took. */
    private double drift() {
        return expectedSoFar == 0 ? 1 : Math.min(DRIFT_MAX, Math.max(DRIFT_MIN, measuredSoFar / expectedSoFar));
    }

    private double beyondOwn() {
        return beyondOwn.count == 0 ? GUESS_SECONDS : beyondOwn.value();
    }

    /** Whether most of these steps were measured, here and now or before. */
    boolean knows(Collection<Step> steps) {
        long known = steps.stream()
                .filter(step -> measured.containsKey(step.key()) || remembered.containsKey(step.key()))
                .count();
        return 2 * known > steps.size();
    }

    /** Seconds by step, those of this run in place of those before. */
    Map<String, Double> toRemember() {
        Map<String, Double> all = new TreeMap<>(remembered);
        measured.forEach((key, mean) -> all.put(key, mean.value()));
        return all;
    }
}
