package dev.holdfast.jepsen.simulation;

/** What must never be, was. */
final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    SimulationFailure(String what) {
        super(what);
    }
}
