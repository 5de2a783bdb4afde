package dev.holdfast.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class MicroReportTest {
    private final MicroReport report = new MicroReport(List.of(
            new MicroRow("apply", "holds", 1000, 200, 1, null),
            new MicroRow("apply", "holds", 1_000_000, 250, 2, new MicroRow.Single(240, 900, 1500)),
            new MicroRow("encode", "commands", 1, 10, 1, null),
            new MicroRow("encode", "commands", 256, 2000, 1, null)));

    @Test
    void what_should_be_flat_is_compared_with_the_fewest() {
        StringWriter printed = new StringWriter();
        report.print(new PrintWriter(printed, true));
        assertThat(printed.toString().lines())
                .hasSize(6)
                .anySatisfy(line -> assertThat(line).contains("1,000,000 holds", "250.0", "240 / 900 / 1,500"))
                .last()
                .isEqualTo("apply takes 1.25 times as long with 1,000,000 holds as with 1,000");
    }

    @Test
    void it_can_be_read_from_its_json() {
        assertThat(new Gson().fromJson(new Gson().toJson(report), MicroReport.class))
                .isEqualTo(report);
    }
}
