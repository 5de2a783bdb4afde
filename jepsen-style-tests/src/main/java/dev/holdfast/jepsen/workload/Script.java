package dev.holdfast.jepsen.workload;

/** What a caller does again and again. */
interface Script {
    /**
     * Does it once, and releases what it acquired.
     *
     * @return whether every outcome is known: a process does nothing more after one that is not
     */
    boolean once(Caller caller) throws InterruptedException;
}
