package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.workload.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShortFormTest {
    @Test
    void every_workload_and_every_fault_is_in_it() {
        List<Kind> kinds = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (Map<Kind, List<String>> part : List.of(ShortForm.LOCKS, ShortForm.COUNTS_AND_QUEUES)) {
            kinds.addAll(part.keySet());
            part.values().forEach(faults::addAll);
        }
        assertThat(kinds).containsExactlyInAnyOrder(Kind.values());
        assertThat(faults).containsAll(new VerifyCommand.FaultNames());
    }
}
