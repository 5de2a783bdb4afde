package dev.holdfast.jepsen.verify;

/** Is told what trials do while they do it. */
interface TrialWatch {
    /** The first step: the cluster and its clients are started, and there are grants. Each fault is a step, by its name. */
    String START = "start";

    /** The cluster and its clients end, and what is left of them is checked. */
    String FINISH = "finish";

    /** The histories are judged. */
    String JUDGE = "judge";

    void says(String line);

    default void began(String step) {}

    /** The same step is over. One that fails is not heard of again. */
    default void ended(String step) {}
}
