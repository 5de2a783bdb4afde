package dev.holdfast.bench;

import java.util.List;

/** All that a run measured. */
record BenchReport(Fsync fsync, List<Row> rows) {
    BenchReport {
        rows = List.copyOf(rows);
    }
}
