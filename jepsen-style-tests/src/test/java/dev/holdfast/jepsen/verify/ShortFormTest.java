package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.workload.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShortFormTest {
    @Test
    void every_workload_and_every_fault_is_in_it() {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        List<String> faults = new ArrayList<>();
        for (Map<Kind, List<String>> part : List.of(
                ShortForm.LOCKS, ShortForm.COUNTS_AND_QUEUES, ShortForm.DAMAGE, ShortForm.LOAD, ShortForm.MEMBERS)) {
            kinds.addAll(part.keySet());
            part.values().forEach(faults::addAll);
        }
        assertThat(kinds).containsExactly(Kind.values());
        assertThat(faults).containsAll(new VerifyCommand.FaultNames());
    }
}
