package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.access.AccessRule.Binding;
import dev.holdfast.client.access.AccessRule.Role;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.support.Rig;
import dev.holdfast.protocol.AuditRecord;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RulesTest {
    private final Rig rig = new Rig();

    @Test
    void a_rule_is_read_from_its_text_and_says_what_is_wrong_with_it() {
        assertThat(AccessRule.parse("alice lock orders/ owner"))
                .isEqualTo(new AccessRule("alice", Role.LOCK, "orders/", Binding.OWNER))
                .hasToString("alice lock orders/ owner");
        for (Role role : Role.values()) {
            AccessRule rule = AccessRule.of("@ops", role, "");
            assertThat(AccessRule.parse(rule.toString())).isEqualTo(rule);
        }
        assertThatThrownBy(() -> AccessRule.parse("alice own orders/"))
                .isInstanceOf(LockRequestRejectedException.class)
                .hasMessageContaining("not a rule: 'alice own orders/': there is no role 'own'");
    }

    @Test
    void rules_are_put_listed_and_removed() {
        AccessRule rule = AccessRule.parse("tenant1 lock t1/ within");

        assertThat(rig.client.putRule(rule)).isTrue();
        assertThat(rig.client.putRule(rule)).isFalse();
        assertThat(rig.client.rules()).containsExactly(rule);
        assertThat(rig.client.removeRule(rule)).isTrue();
        assertThat(rig.client.removeRule(rule)).isFalse();
        assertThat(rig.client.rules()).isEmpty();
    }

    @Test
    void the_audit_is_read_page_by_page() {
        for (int number = 4; number <= 8; number++) {
            rig.cluster.audit.add(new AuditRecord(
                    number, number == 8 ? 0 : 1000L * number, "root", "10.0.0.7", "force-release", "mutex a", "taken"));
        }

        assertThat(rig.client.audit())
                .hasSize(5)
                .startsWith(new AuditEntry(
                        0, 4, Instant.ofEpochMilli(4000), "root", "10.0.0.7", "force-release", "mutex a", "taken"))
                .endsWith(new AuditEntry(0, 8, null, "root", "10.0.0.7", "force-release", "mutex a", "taken"));
    }
}
