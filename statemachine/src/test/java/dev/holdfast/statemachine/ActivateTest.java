package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.ProtocolVersion;
import org.junit.jupiter.api.Test;

class ActivateTest {
    private final Scenario scenario = new Scenario();

    @Test
    void unknown_semantics_stop_the_peer() {
        assertThatThrownBy(() -> scenario.system(new Command.Activate(ProtocolVersion.SEMANTICS + 1)))
                .isInstanceOf(UnsupportedSemanticsException.class)
                .hasMessageContaining("upgrade this peer");
    }

    @Test
    void a_machine_is_new_until_it_was_given_a_bound_or_a_session() {
        assertThat(scenario.machine().isNew()).isTrue();
        scenario.system(new Command.Tick());
        assertThat(scenario.machine().isNew()).isTrue();
        scenario.open();
        assertThat(scenario.machine().isNew()).isFalse();
        Scenario bounded = new Scenario();
        bounded.system(new Command.BoundState(1));
        assertThat(bounded.machine().isNew()).isFalse();
    }

    @Test
    void semantics_are_never_lowered() {
        scenario.system(new Command.Activate(ProtocolVersion.SEMANTICS));
        scenario.system(new Command.Activate(0));

        assertThat(scenario.state().semantics).isEqualTo(ProtocolVersion.SEMANTICS);
    }
}
