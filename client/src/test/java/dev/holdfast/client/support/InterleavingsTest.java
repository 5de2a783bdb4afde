package dev.holdfast.client.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.support.Interleavings.Verdict;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterleavingsTest {
    @ParameterizedTest
    @CsvSource({
        "TimeoutFailure, INCONCLUSIVE",
        "ManagedDeadlockFailure, DEADLOCK",
        "ManagedLivelockFailure, DEADLOCK",
        "UnexpectedExceptionFailure, FAILED",
        "IncorrectResultsFailure, FAILED"
    })
    void only_a_hang_by_the_clock_is_inconclusive(String failure, Verdict verdict) throws ClassNotFoundException {
        Class<?> type = Class.forName("org.jetbrains.kotlinx.lincheck.strategy." + failure);
        assertThat(Interleavings.verdictOf(type.getSimpleName())).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "org.jetbrains.kotlinx.lincheck.strategy.managed.ManagedStrategy, tryCollectTrace",
        "org.jetbrains.kotlinx.lincheck.trace.TraceNodesKt, traceToTree",
        "org.jetbrains.kotlinx.lincheck.trace.TraceNodesKt, traceToTree$addToCurrentContainer"
    })
    void a_failure_that_cannot_be_described_is_a_finding_all_the_same(String inClass, String inMethod) {
        Throwable thrown =
                thrownIn(new IndexOutOfBoundsException("Index 2 out of bounds for length 2"), inClass, inMethod);
        assertThat(Interleavings.verdict(thrown)).isEqualTo(Verdict.FAILED_WITHOUT_DESCRIPTION);
    }

    @Test
    void whatever_else_is_thrown_is_neither_a_finding_nor_a_pass() {
        String strategy = "org.jetbrains.kotlinx.lincheck.strategy.managed.ManagedStrategy";
        Throwable elsewhere = thrownIn(new IndexOutOfBoundsException(), strategy, "runInvocation");
        Throwable other = thrownIn(new IllegalStateException(), strategy, "tryCollectTrace");

        assertThatThrownBy(() -> Interleavings.verdict(elsewhere)).hasMessage("Lincheck itself failed");
        assertThatThrownBy(() -> Interleavings.verdict(other)).hasMessage("Lincheck itself failed");
    }

    private static Throwable thrownIn(Throwable thrown, String inClass, String inMethod) {
        thrown.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("java.util.ArrayList", "get", "ArrayList.java", 427),
            new StackTraceElement(inClass, inMethod, "X.kt", 1),
            new StackTraceElement("org.jetbrains.lincheck.Lincheck", "runConcurrentTest", "Lincheck.kt", 1)
        });
        return thrown;
    }

    @LincheckTest
    void two_threads_that_wait_for_each_other_are_found() {
        Interleavings.assertDeadlockIsFound(() -> {
            ReentrantLock left = new ReentrantLock();
            ReentrantLock right = new ReentrantLock();
            Interleavings.together(() -> takeBoth(left, right), () -> takeBoth(right, left));
        });
    }

    @LincheckTest
    void two_threads_that_take_their_locks_in_one_order_hold() {
        Interleavings.explore(() -> {
            ReentrantLock left = new ReentrantLock();
            ReentrantLock right = new ReentrantLock();
            Interleavings.together(() -> takeBoth(left, right), () -> takeBoth(left, right));
        });
    }

    private static void takeBoth(ReentrantLock one, ReentrantLock other) {
        one.lock();
        other.lock();
        other.unlock();
        one.unlock();
    }
}
