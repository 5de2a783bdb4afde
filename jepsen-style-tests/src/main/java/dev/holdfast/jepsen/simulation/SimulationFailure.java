package dev.holdfast.jepsen.simulation;

/** Something that must never happen did. */
final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    SimulationFailure(String what) {
        super(what);
    }
}
