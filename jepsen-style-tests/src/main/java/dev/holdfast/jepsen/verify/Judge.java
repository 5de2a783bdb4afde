package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.Expiries;
import dev.holdfast.jepsen.checker.FencedRegisterModel;
import dev.holdfast.jepsen.checker.LinearizabilityChecker;
import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.LockModel;
import dev.holdfast.jepsen.checker.Model;
import dev.holdfast.jepsen.checker.Refusals;
import dev.holdfast.jepsen.checker.SmallestHistory;
import dev.holdfast.jepsen.checker.SmallestHistory.Found;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.workload.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Runs the checker on those keys whose histories are short enough for it. */
final class Judge {
    private static final long STEPS_MAX = 200_000_000;

    /** Of more keys nobody wants to see it. */
    private static final int SMALLEST_KEYS = 3;

    private static final long SMALLEST_STEPS_EACH = 500_000;
    private static final long SMALLEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    static List<KeyReport> judge(List<Operation> history) {
        List<Operation> ofLocks = ofLocks(history);
        List<Operation> ofRegisters = history.stream()
                .filter(operation -> !Workload.isEndless(operation.key()) && isOfRegister(operation))
                .toList();
        List<KeyReport> reports = new ArrayList<>(
                new LinearizabilityChecker<>(new LockModel(new Refusals(ofLocks)), Expiries::addTo, STEPS_MAX)
                        .check(ofLocks));
        reports.addAll(new LinearizabilityChecker<>(new FencedRegisterModel(), operations -> operations, STEPS_MAX)
                .check(ofRegisters));
        return reports;
    }

    private static List<Operation> ofLocks(List<Operation> history) {
        return history.stream()
                .filter(operation -> !Workload.isEndless(operation.key()) && !isOfRegister(operation))
                .toList();
    }

    /** The fewest answers that show what is wrong with some of these keys, which are of that history. Blocks for some seconds each. */
    static Map<KeyReport, Found> smallest(List<Operation> history, List<KeyReport> keys) {
        LockModel locks = new LockModel(new Refusals(ofLocks(history)));
        Map<KeyReport, Found> smallest = new LinkedHashMap<>();
        keys.stream()
                .filter(key -> key.verdict() == Verdict.ILLEGAL)
                .limit(SMALLEST_KEYS)
                .forEach(key -> smallest.put(
                        key,
                        isOfRegister(key.operations().get(0))
                                ? smallest(new FencedRegisterModel(), operations -> operations, key)
                                : smallest(locks, Expiries::addTo, key)));
        return smallest;
    }

    private static <S> Found smallest(Model<S> model, UnaryOperator<List<Operation>> unseen, KeyReport key) {
        List<Operation> recorded = key.operations().stream()
                .filter(operation -> !Expiries.isAdded(operation))
                .toList();
        return new SmallestHistory<>(model, unseen, SMALLEST_STEPS_EACH, System::nanoTime, SMALLEST_NANOS)
                .of(recorded, key.failingPrefix());
    }

    static boolean isOfRegister(Operation operation) {
        return operation.call() instanceof Call.Write || operation.call() instanceof Call.Read;
    }

    private Judge() {}
}
