package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Owner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class LockOwnerTypeTest {
    private final LockOwnerType system = Holdfast.createLockOwner("system");
    private final LockOwnerType user = Holdfast.createLockOwner("user").within("org");

    @Test
    void an_owner_has_type_and_id() {
        LockOwner owner = system.of("sys_1");
        assertThat(owner.toString()).isEqualTo("system:sys_1");
        assertThat(owner.scope()).isEmpty();
        assertThat(Terms.owner(owner)).isEqualTo(Owner.of("system", "sys_1"));
    }

    @Test
    void an_owner_within_a_scope_names_the_scope_first() {
        LockOwner owner = user.of("org_1", "user_42");
        assertThat(owner.id()).isEqualTo("user_42");
        assertThat(owner.scope()).contains(new LockOwner.Scope("org", "org_1"));
        assertThat(Terms.owner(Terms.owner(owner))).isEqualTo(owner);
        assertThat(owner).isNotEqualTo(user.of("org_2", "user_42"));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = {"line\n", "\ud800"})
    void an_id_is_required(String id) {
        assertThatThrownBy(() -> system.of(id)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> user.of("org_1", id)).isInstanceOf(LockRequestRejectedException.class);
        assertThatThrownBy(() -> user.of(id, "user_42")).isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void an_id_of_more_than_255_bytes_is_rejected() {
        assertThat(system.of("x".repeat(255)).id()).hasSize(255);
        assertThatThrownBy(() -> system.of("é".repeat(128))).isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void the_number_of_ids_has_to_fit_the_type() {
        assertThatThrownBy(() -> user.of("user_42"))
                .isInstanceOf(LockRequestRejectedException.class)
                .hasMessageContaining("within");
        assertThatThrownBy(() -> system.of("org_1", "sys_1")).isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void unique_owners_differ() {
        assertThat(LockOwner.unique("job")).isNotEqualTo(LockOwner.unique("job"));
    }
}
