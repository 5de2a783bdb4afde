package dev.holdfast.client.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * How hard Lincheck looks: short in every long build, a hundred times longer with {@code -Dholdfast.soak=true}. Lincheck draws
 * its scenarios and schedules from a fixed seed, so a short search that finds a race today finds it tomorrow.
 *
 * <p>Scenarios are to be written with lambdas, not with method references: what one of those makes or carries from thread to
 * thread, Lincheck 3.7 takes for local to a thread and does not interleave. Such a scenario finds nothing, which is one reason
 * why there is a race beside each that must be found.
 *
 * <p><b>What Lincheck's verdicts mean.</b> A search is never repeated to get another verdict.
 *
 * <ul>
 *   <li>It failed, or found all threads waiting for each other or going round in circles: a finding. Lincheck decides these by
 *       counting steps, never by a clock.
 *   <li>It has hung by the clock, that is, one run took longer than its timeout, 30 s where that cannot be set:
 *       <i>inconclusive</i>. A machine that gives the process no time looks like that too. The test is aborted, not passed,
 *       and reports where each thread stood.
 *   <li>It threw {@link IndexOutOfBoundsException} while it told how it came to a failure: a finding without a description.
 *       That code runs after a failure was found and never after a timeout.
 * </ul>
 */
public final class Interleavings {
    private static final int FACTOR = Boolean.getBoolean("holdfast.soak") ? 100 : 1;
    private static final int SCHEDULES = 100;
    private static final int SCENARIOS = 8;
    private static final int SCHEDULES_PER_SCENARIO = 100;

    /** Of code that has no known race fewer than where one has to be found; soaks take more. */
    private static final int EXPLORED = SCHEDULES * 3 / 5 * FACTOR;

    private static final int EXPLORED_SCENARIOS = SCENARIOS * 3 / 5 * FACTOR;

    private static final long TIMEOUT_MS = TimeUnit.MINUTES.toMillis(10);

    private static final Set<String> DEADLOCKS = Set.of("ManagedDeadlockFailure", "ManagedLivelockFailure");

    /** What a search came to. */
    enum Verdict {
        HOLDS,
        FAILED,
        DEADLOCK,
        FAILED_WITHOUT_DESCRIPTION,
        INCONCLUSIVE
    }

    /** Runs the scenario, which asserts what it must, under many schedules of a model checker. */
    public static void explore(Runnable scenario) {
        expectHolds(thrownBy(() -> Lincheck.runConcurrentTest(EXPLORED, scenario)));
    }

    /** The same for a scenario that must not hold: the one with the race put in. */
    public static void assertRaceIsFound(Runnable scenario) {
        Throwable thrown = thrownBy(() -> Lincheck.runConcurrentTest(SCHEDULES, scenario));
        expect(Set.of(Verdict.FAILED, Verdict.FAILED_WITHOUT_DESCRIPTION), thrown);
    }

    /** The same for a scenario whose threads can come to wait for each other. */
    public static void assertDeadlockIsFound(Runnable scenario) {
        Throwable thrown = thrownBy(() -> Lincheck.runConcurrentTest(SCHEDULES, scenario));
        expect(Set.of(Verdict.DEADLOCK, Verdict.FAILED_WITHOUT_DESCRIPTION), thrown);
    }

    private static void expectHolds(@Nullable Throwable thrown) {
        expect(Set.of(Verdict.HOLDS), thrown);
    }

    private static void expect(Set<Verdict> expected, @Nullable Throwable thrown) {
        Verdict verdict = verdict(thrown);
        if (verdict == Verdict.INCONCLUSIVE) {
            String reason = "INCONCLUSIVE: a run took longer than its timeout. " + thrown;
            System.err.println(reason);
            Assumptions.abort(reason);
        }
        if (!expected.contains(verdict)) {
            throw new AssertionError("expected " + expected + ", and Lincheck says " + verdict, thrown);
        }
    }

    /** What it means that a search threw that; throws it again if it is none of Lincheck's verdicts. */
    static Verdict verdict(@Nullable Throwable thrown) {
        if (thrown == null) {
            return Verdict.HOLDS;
        }
        if (thrown instanceof LincheckAssertionError failed) {
            return verdictOf(failed.getFailure$lincheck().getClass().getSimpleName());
        }
        if (isLostForWords(thrown)) {
            return Verdict.FAILED_WITHOUT_DESCRIPTION;
        }
        throw new AssertionError("Lincheck itself failed", thrown);
    }

    static Verdict verdictOf(String failureType) {
        if (failureType.equals("TimeoutFailure")) {
            return Verdict.INCONCLUSIVE;
        }
        return DEADLOCKS.contains(failureType) ? Verdict.DEADLOCK : Verdict.FAILED;
    }

    // Lincheck 3.7 at times fails to tell how it came to a failure that it has found: while it replays the failure
    // for its trace, or while it puts that trace into words. By the sources of 3.6 it indexes the threads that the
    // garbage collector has left by numbers that count all of them.
    private static boolean isLostForWords(Throwable thrown) {
        return thrown instanceof IndexOutOfBoundsException
                && Arrays.stream(thrown.getStackTrace())
                        .filter(frame -> frame.getClassName().contains("lincheck"))
                        .map(StackTraceElement::getMethodName)
                        .anyMatch(method -> method.equals("tryCollectTrace") || method.startsWith("traceToTree"));
    }

    private static @Nullable Throwable thrownBy(Runnable search) {
        try {
            search.run();
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        }
    }

    /** Compares what the operations of that class return, under a model checker and on real threads, with a specification. */
    public static void checkLinearizable(Class<?> operations, Class<?> specification) {
        expectHolds(
                thrownBy(() -> modelChecking(EXPLORED_SCENARIOS, specification).check(operations)));
        StressOptions stress = new StressOptions()
                .iterations(EXPLORED_SCENARIOS)
                .invocationsPerIteration(SCHEDULES_PER_SCENARIO)
                .threads(2)
                .actorsBefore(0)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(specification)
                .invocationTimeout$lincheck(TIMEOUT_MS);
        expectHolds(thrownBy(() -> stress.check(operations)));
    }

    public static void assertNotLinearizable(Class<?> operations, Class<?> specification) {
        Throwable thrown =
                thrownBy(() -> modelChecking(SCENARIOS, specification).check(operations));
        expect(Set.of(Verdict.FAILED, Verdict.FAILED_WITHOUT_DESCRIPTION), thrown);
        if (thrown instanceof LincheckAssertionError) {
            assertThat(thrown).hasMessageContaining("Invalid execution results");
        }
    }

    private static ModelCheckingOptions modelChecking(int scenarios, Class<?> specification) {
        return new ModelCheckingOptions()
                .iterations(scenarios)
                .invocationsPerIteration(SCHEDULES_PER_SCENARIO)
                .threads(2)
                .actorsBefore(0)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(specification)
                .invocationTimeout$lincheck(TIMEOUT_MS);
    }

    /** Runs both at the same time, and fails if one of them does. */
    public static void together(Runnable first, Runnable second) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread other = new Thread(() -> {
            try {
                second.run();
            } catch (RuntimeException | Error e) {
                failure.set(e);
            }
        });
        other.start();
        first.run();
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    /** An assertion that does not burden the model checker with an assertion library's inner life. */
    public static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    private Interleavings() {}
}
