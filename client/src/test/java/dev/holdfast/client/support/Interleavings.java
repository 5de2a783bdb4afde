package dev.holdfast.client.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * How hard Lincheck looks: short in every build, a hundred times longer with {@code -Dholdfast.soak=true}. Lincheck draws its
 * scenarios and schedules from a fixed seed, so a short search that finds a race today finds it tomorrow.
 *
 * <p>Scenarios are to be written with lambdas, not with method references: what one of those makes or carries from thread to
 * thread, Lincheck 3.7 takes for local to a thread and does not interleave. Such a scenario finds nothing, which is one reason
 * why there is a race beside each that must be found.
 */
public final class Interleavings {
    private static final int FACTOR = Boolean.getBoolean("holdfast.soak") ? 100 : 1;
    private static final int SCHEDULES = 100;
    private static final int SCENARIOS = 8;
    private static final int SCHEDULES_PER_SCENARIO = 100;

    /** Of code that has no known race fewer than where one has to be found; soaks take more. */
    private static final int EXPLORED = SCHEDULES * 3 / 5 * FACTOR;

    private static final int EXPLORED_SCENARIOS = SCENARIOS * 3 / 5 * FACTOR;

    /** Runs the scenario, which asserts what it must, under many schedules of a model checker. */
    public static void explore(Runnable scenario) {
        Lincheck.runConcurrentTest(EXPLORED, scenario);
    }

    /** The same for a scenario that must not hold: the one with the race put in. */
    public static void assertRaceIsFound(Runnable scenario) {
        Throwable found = catchThrowable(() -> Lincheck.runConcurrentTest(SCHEDULES, scenario));
        if (found instanceof LincheckAssertionError) {
            assertThat(found).hasMessageContaining("Concurrent test failed");
        } else if (!isLostForWords(found)) {
            throw new AssertionError("no race was found, or Lincheck failed", found);
        }
    }

    // Lincheck 3.7 once failed to tell how it came to a failure that it had found. By the sources of 3.6 it indexes the
    // threads that the garbage collector has left by numbers that count all of them, in a function that runs only then.
    private static boolean isLostForWords(Throwable thrown) {
        return thrown instanceof IndexOutOfBoundsException
                && Arrays.stream(thrown.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("tryCollectTrace"));
    }

    /** Compares what the operations of that class return, under a model checker and on real threads, with a specification. */
    public static void checkLinearizable(Class<?> operations, Class<?> specification) {
        modelChecking(EXPLORED_SCENARIOS, specification).check(operations);
        new StressOptions()
                .iterations(EXPLORED_SCENARIOS)
                .invocationsPerIteration(SCHEDULES_PER_SCENARIO)
                .threads(2)
                .actorsBefore(0)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(specification)
                .check(operations);
    }

    public static void assertNotLinearizable(Class<?> operations, Class<?> specification) {
        assertThatThrownBy(() -> modelChecking(SCENARIOS, specification).check(operations))
                .isInstanceOf(LincheckAssertionError.class)
                .hasMessageContaining("Invalid execution results");
    }

    private static ModelCheckingOptions modelChecking(int scenarios, Class<?> specification) {
        return new ModelCheckingOptions()
                .iterations(scenarios)
                .invocationsPerIteration(SCHEDULES_PER_SCENARIO)
                .threads(2)
                .actorsBefore(0)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(specification);
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
