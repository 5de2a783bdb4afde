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
    void semantics_are_never_lowered() {
        scenario.system(new Command.Activate(ProtocolVersion.SEMANTICS));
        scenario.system(new Command.Activate(0));

        assertThat(scenario.state().semantics).isEqualTo(ProtocolVersion.SEMANTICS);
    }
}
