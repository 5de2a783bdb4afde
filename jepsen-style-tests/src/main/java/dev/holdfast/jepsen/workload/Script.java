package dev.holdfast.jepsen.workload;

/** What a caller does again and again. */
interface Script {
    /**
     * Does it once, and lets go of what it got.
     *
     * @return whether the outcome of all of it is known: a process does nothing more after one that is not
     */
    boolean once(Caller caller) throws InterruptedException;
}
