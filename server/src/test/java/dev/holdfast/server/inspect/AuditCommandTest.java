package dev.holdfast.server.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.holdfast.client.access.AuditEntry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How the records of the audit are printed. */
class AuditCommandTest {
    private static final AuditEntry FORCED = new AuditEntry(
            1,
            7,
            Instant.parse("2026-11-28T10:15:30.123Z"),
            "alice",
            "10.0.0.7",
            "force-release",
            "mutex orders/7",
            "1 hold taken");
    private static final AuditEntry UNKNOWN = new AuditEntry(0, 1, null, "", "", "put-rule", "alice lock *", "added");

    @Test
    void a_record_is_a_row_and_what_is_not_known_a_dash() {
        StringWriter out = new StringWriter();
        AuditCommand.table(List.of(UNKNOWN, FORCED)).print(new PrintWriter(out, true));

        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "|")))
                .containsExactly(
                        "TIME|WHO|FROM|ACTION|TARGET|WHAT BECAME OF IT",
                        "-|-|-|put-rule|alice lock *|added",
                        "2026-11-28T10:15:30Z|alice|10.0.0.7|force-release|mutex orders/7|1 hold taken");
    }

    @Test
    void a_record_is_a_line_of_json_and_what_is_not_known_is_left_out() {
        JsonObject forced = JsonParser.parseString(AuditCommand.json(FORCED)).getAsJsonObject();
        assertThat(forced.get("at").getAsString()).isEqualTo("2026-11-28T10:15:30.123Z");
        assertThat(forced.get("principal").getAsString()).isEqualTo("alice");
        assertThat(forced.get("target").getAsString()).isEqualTo("mutex orders/7");
        assertThat(forced.get("group").getAsInt()).isEqualTo(1);

        assertThat(JsonParser.parseString(AuditCommand.json(UNKNOWN))
                        .getAsJsonObject()
                        .has("at"))
                .isFalse();
    }
}
