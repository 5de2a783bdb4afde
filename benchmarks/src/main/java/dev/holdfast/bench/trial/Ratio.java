package dev.holdfast.bench.trial;

/** Of two figures. */
final class Ratio {

    /** 0 if there is nothing to compare with. */
    static double of(double figure, double base) {
        return base > 0 ? figure / base : 0;
    }

    private Ratio() {}
}
