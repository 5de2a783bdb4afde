package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTest {
    @Test
    void a_rule_is_read_from_one_line() {
        assertThat(Rule.parse("alice lock orders/"))
                .isEqualTo(new Rule("alice", Role.LOCK, "orders/", OwnerBinding.ANY));
        assertThat(Rule.parse("  @ops   force  * ")).isEqualTo(new Rule("@ops", Role.FORCE, "", OwnerBinding.ANY));
        assertThat(Rule.parse("tenant1 lock t1/ owner"))
                .isEqualTo(new Rule("tenant1", Role.LOCK, "t1/", OwnerBinding.OWNER));
        assertThat(Rule.parse("* lock t1/ within")).isEqualTo(new Rule("*", Role.LOCK, "t1/", OwnerBinding.WITHIN));
        assertThat(Rule.parse("\"Ann \\\"A\\\" Lee\" read \"my \\\\keys *\""))
                .isEqualTo(new Rule("Ann \"A\" Lee", Role.READ, "my \\keys *", OwnerBinding.ANY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice lock orders/",
                "@ops force *",
                "* read *",
                "root admin *",
                "tenant1 lock t1/ owner",
                "tenant1 lock t1/ within",
                "\"Ann Lee\" read \"my keys\"",
                "a\"b read a\"b\\",
                "alice read \"*\"",
                "alice read \"orders/*\"",
                "alice read \"\\\"quoted\"",
                "alice read \u20ac/",
            })
    void what_it_prints_is_what_it_reads(String line) {
        assertThat(Rule.parse(line)).hasToString(line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "alice lock | a rule is 'SUBJECT ROLE PREFIX', such as 'alice lock orders/', perhaps followed by 'owner' or 'within'",
                "a lock b owner x | a rule is 'SUBJECT ROLE PREFIX', such as 'alice lock orders/', perhaps followed by 'owner' or 'within'",
                "alice own orders/ | there is no role 'own'; the roles are 'read', 'lock', 'force' and 'admin'",
                "alice LOCK orders/ | there is no role 'LOCK'; the roles are 'read', 'lock', 'force' and 'admin'",
                "alice lock a/ any | 'any' after the prefix; only 'owner' and 'within' may stand there",
                "alice read a/ owner | only a rule for 'lock' can end in 'owner'",
                "alice force a/ within | only a rule for 'lock' can end in 'within'",
                "alice admin a/ | an admin may do everything with every key: write '*' for the prefix",
                "@ lock a/ | a '@' is followed by the name of a group",
                "alice lock a/* | a prefix needs no '*' at its end; if keys do have one there, put the prefix in double quotes",
                "alice lock \"a/ | a double quote is not closed",
                "alice lock \"a/\"b | a blank is missing after a double quote",
            })
    void what_is_wrong_with_a_line_is_said(String line, String problem) {
        assertThatThrownBy(() -> Rule.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not a rule: '" + line + "': " + problem);
    }

    @Test
    void a_role_includes_the_lesser_ones() {
        assertThat(Role.FORCE.includes(Role.LOCK)).isTrue();
        assertThat(Role.LOCK.includes(Role.LOCK)).isTrue();
        assertThat(Role.READ.includes(Role.LOCK)).isFalse();
    }
}
