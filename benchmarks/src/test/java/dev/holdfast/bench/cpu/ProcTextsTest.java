package dev.holdfast.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProcTextsTest {
    @Test
    void the_time_of_the_machine_is_busy_with_processes_and_with_other_machines() {
        MachineStat stat = MachineStat.parse("cpu  100 20 30 400 50 6 7 8 90 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n");
        assertThat(stat.total()).isEqualTo(100 + 20 + 30 + 400 + 50 + 6 + 7 + 8);
        assertThat(stat.busy()).isEqualTo(100 + 20 + 30 + 8);
    }

    @Test
    void a_task_has_its_own_time_and_that_of_its_ended_children() {
        TaskStat stat = TaskStat.parse(
                "4711 (C2 CompilerThre) S 1 4711 4711 0 -1 1077936192 9 8 7 6 123 45 67 8 20 0 31 0 9\n");
        assertThat(stat.name()).isEqualTo("C2 CompilerThre");
        assertThat(stat.ticks()).isEqualTo(168);
        assertThat(stat.ticksOfEnded()).isEqualTo(75);
        assertThat(stat.compiles()).isTrue();
    }

    @Test
    void a_name_may_look_like_the_fields_after_it() {
        TaskStat stat = TaskStat.parse("1 (a) R (b) S 1 2 3 4 5 6 7 8 9 10 1 2 3 4 20\n");
        assertThat(stat.name()).isEqualTo("a) R (b");
        assertThat(stat.ticks()).isEqualTo(3);
        assertThat(stat.compiles()).isFalse();
    }

    @Test
    void other_texts_are_refused() {
        for (String text : new String[] {"", "cpu  1 2 3\n", "cpu0 1 2 3 4 5 6 7 8\n"}) {
            assertThatThrownBy(() -> MachineStat.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String text : new String[] {"", "1 (java)", "1 java S 1", "1 (java) S 1 2"}) {
            assertThatThrownBy(() -> TaskStat.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
