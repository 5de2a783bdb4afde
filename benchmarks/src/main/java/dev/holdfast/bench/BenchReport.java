package dev.holdfast.bench;

import java.util.List;

/** Everything that a run measured. */
record BenchReport(Fsync fsync, List<Row> rows) {
    BenchReport {
        rows = List.copyOf(rows);
    }
}
