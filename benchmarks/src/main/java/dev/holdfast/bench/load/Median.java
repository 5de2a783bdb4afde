package dev.holdfast.bench.load;

import java.util.Collection;
import java.util.List;

/** The median of some figures. */
public final class Median {

    /** Of an even number, the mean of the two in the middle. */
    public static double of(Collection<Double> figures) {
        if (figures.isEmpty()) {
            throw new IllegalArgumentException("no figures");
        }
        List<Double> sorted = figures.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private Median() {}
}
