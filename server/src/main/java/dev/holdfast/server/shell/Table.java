package dev.holdfast.server.shell;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows under headings, each column as wide as it needs. */
public final class Table {
    private final List<String[]> rows = new ArrayList<>();

    public Table(String... headings) {
        rows.add(headings);
    }

    /** Adds a row with as many cells as there are headings. */
    public void row(String... cells) {
        rows.add(cells);
    }

    public void print(PrintWriter out) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                int padding = widths[i] - row[i].codePointCount(0, row[i].length()) + 2;
                line.append(row[i]).append(" ".repeat(padding));
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
