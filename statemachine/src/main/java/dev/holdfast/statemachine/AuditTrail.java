package dev.holdfast.statemachine;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The last records of the audit, numbered without gaps. */
final class AuditTrail {
    private final Deque<AuditRecord> records = new ArrayDeque<>();
    private final Footprint total;

    AuditTrail(Footprint total) {
        this.total = total;
    }

    /** All that are kept, oldest first. A copy. */
    List<AuditRecord> list() {
        return records.isEmpty() ? List.of() : new ArrayList<>(records);
    }

    int size() {
        return records.size();
    }

    /** The number of the last record; 0 if there was none. */
    long lastNumber() {
        return records.isEmpty() ? 0 : records.getLast().number();
    }

    void add(Caller caller, String action, String target, String detail) {
        restore(new AuditRecord(
                lastNumber() + 1, caller.atEpochMs(), caller.principal(), caller.address(), action, target, detail));
    }

    /** Adds one that has its number. */
    void restore(AuditRecord added) {
        if (records.size() == Limits.AUDIT_RECORDS_MAX) {
            total.add(-Footprint.of(records.removeFirst()));
        }
        records.addLast(added);
        total.add(Footprint.of(added));
    }
}
