package dev.holdfast.bench.micro;

import java.io.PrintWriter;
import java.util.List;

/** Everything that a run measured. */
public record MicroReport(List<MicroRow> rows) {
    public MicroReport {
        rows = List.copyOf(rows);
    }

    /** For people to read. */
    public void print(PrintWriter out) {
        new MicroTable(out).print(rows);
    }
}
