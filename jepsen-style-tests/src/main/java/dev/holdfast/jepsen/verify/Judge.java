package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.Expiries;
import dev.holdfast.jepsen.checker.FencedRegisterModel;
import dev.holdfast.jepsen.checker.LinearizabilityChecker;
import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.LockModel;
import dev.holdfast.jepsen.checker.Refusals;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.workload.Workload;
import java.util.ArrayList;
import java.util.List;

/** Runs the checker on those keys whose histories are short enough for it. */
final class Judge {
    private static final long STEPS_MAX = 200_000_000;

    static List<KeyReport> judge(List<Operation> history) {
        List<Operation> ofLocks = new ArrayList<>();
        List<Operation> ofRegisters = new ArrayList<>();
        for (Operation operation : history) {
            if (!Workload.isEndless(operation.key())) {
                (isOfRegister(operation) ? ofRegisters : ofLocks).add(operation);
            }
        }
        List<KeyReport> reports = new ArrayList<>(
                new LinearizabilityChecker<>(new LockModel(new Refusals(ofLocks)), Expiries::addTo, STEPS_MAX)
                        .check(ofLocks));
        reports.addAll(new LinearizabilityChecker<>(new FencedRegisterModel(), operations -> operations, STEPS_MAX)
                .check(ofRegisters));
        return reports;
    }

    static boolean isOfRegister(Operation operation) {
        return operation.call() instanceof Call.Write || operation.call() instanceof Call.Read;
    }

    private Judge() {}
}
