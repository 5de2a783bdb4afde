package dev.holdfast.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever is woken by an alert finds what to do about it. */
class AlertsTest {
    private static final Pattern RULE = Pattern.compile("(?m)^ *- alert: (\\S+)$");
    private static final Pattern ADVICE = Pattern.compile("(?m)^\\| `(Holdfast\\w+)` \\| \\S.{30,} \\|$");

    private static List<String> found(Pattern pattern, String file) {
        return pattern.matcher(Repository.read(Repository.ROOT.resolve(file)))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void operations_say_what_to_do_about_each_alert_and_of_no_other() {
        List<String> alerts = found(RULE, "config/prometheus/alerts.yml");
        assertThat(alerts).hasSizeGreaterThan(5);
        assertThat(found(ADVICE, "docs/operations.md")).containsExactlyInAnyOrderElementsOf(alerts);
    }
}
