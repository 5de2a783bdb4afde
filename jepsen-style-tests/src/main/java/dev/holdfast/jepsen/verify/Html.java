package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import java.util.Locale;

/** The report of a verification as one page that needs nothing else. */
final class Html {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Holdfast verification</title><style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; max-width: 76rem }
            table { border-collapse: collapse; margin: 1rem 0 } th, td { border: 1px solid #ccc; padding: .3rem .7rem; text-align: left }
            td.number { text-align: right } .passed { color: #116329 } .failed { color: #a40e26; font-weight: 600 }
            .timeline { overflow-x: auto; border: 1px solid #ccc; padding: .5rem } svg text { font: 11px monospace }
            rect { fill: #ddd; stroke: #888 } rect.granted, rect.done { fill: #b8e0b8 } rect.refused, rect.notheld { fill: #f3d9a5 }
            rect.unknown { fill: #e6b8c0; stroke-dasharray: 3 } rect.seen, rect.value { fill: #c5d8f0 }
            line.failing { stroke: #a40e26; stroke-width: 2 }
            </style></head><body>
            """;

    static String page(Verification verification) {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("<h1>Holdfast verification: ")
                .append(verdict(verification.passed()))
                .append("</h1>\n");
        page.append("<p>").append(escape(Report.faultsLine(verification))).append("</p>\n");
        page.append(
                "<table><tr><th>Workload</th><th>Peers</th><th>Groups</th><th>Operations</th><th>Unknown</th><th>Keys judged</th>"
                        + "<th>Longest time without a grant, by fault</th><th>Seed</th><th>Verdict</th></tr>\n");
        for (TrialReport report : verification.reports()) {
            page.append(String.format(
                    Locale.ROOT,
                    "<tr><td>%s</td><td class=\"number\">%d</td><td class=\"number\">%d</td>"
                            + "<td class=\"number\">%,d</td><td class=\"number\">%d</td>"
                            + "<td class=\"number\">%d</td><td>%s</td><td class=\"number\">%d</td><td>%s</td></tr>%n",
                    report.plan().kind().name().toLowerCase(Locale.ROOT),
                    report.plan().peers(),
                    report.plan().groups(),
                    report.operations(),
                    report.unknown(),
                    report.keys().size(),
                    escape(Summary.gaps(report)),
                    report.plan().seed(),
                    verdict(report.passed())));
        }
        page.append("</table>\n<h2>A bystander</h2>\n<ul>\n");
        verification.reports().stream()
                .flatMap(report -> report.faults().stream())
                .forEach(fault -> page.append("<li>")
                        .append(escape(Summary.bystander(fault)))
                        .append("</li>\n"));
        page.append("</ul>\n");
        verification.reports().stream().filter(report -> !report.passed()).forEach(report -> failed(report, page));
        return page.append("</body></html>\n").toString();
    }

    private static String verdict(boolean passed) {
        return passed ? "<span class=\"passed\">passed</span>" : "<span class=\"failed\">FAILED</span>";
    }

    private static void failed(TrialReport report, StringBuilder page) {
        page.append("<h2>").append(escape(Summary.of(report))).append("</h2>\n<ul>\n");
        Summary.complaints(report)
                .forEach(line -> page.append("<li>").append(escape(line)).append("</li>\n"));
        page.append("</ul>\n");
        for (KeyReport key : report.badKeys()) {
            page.append(drawn(key));
        }
    }

    /** The history of a key, with a heading that says what is wrong with it. */
    static String drawn(KeyReport key) {
        return "<h3>" + escape(key.key()) + ": " + key.verdict() + "</h3>\n"
                + "<p>A bar is an operation, from its invocation to its answer; point at it for the details. "
                + "From the red line on, no order of the operations explains all the answers.</p>\n"
                + new Timeline(key).draw();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private Html() {}
}
