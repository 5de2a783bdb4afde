package dev.holdfast.client.internal.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class MergedTest {
    @SafeVarargs
    private static List<Integer> merge(List<Integer>... sources) {
        List<Iterator<Integer>> iterators = new ArrayList<>();
        for (List<Integer> source : sources) {
            iterators.add(source.iterator());
        }
        List<Integer> all = new ArrayList<>();
        new Merged<>(iterators, Comparator.<Integer>naturalOrder()).forEachRemaining(all::add);
        return all;
    }

    @Test
    void all_come_in_order() {
        assertThat(merge(List.of(1, 4, 9), List.of(), List.of(2, 3, 10), List.of(5)))
                .containsExactly(1, 2, 3, 4, 5, 9, 10);
        assertThat(merge()).isEmpty();
    }

    @Test
    void the_end_is_the_end() {
        assertThatThrownBy(() -> new Merged<>(List.of(), Comparator.<Integer>naturalOrder()).next())
                .isInstanceOf(NoSuchElementException.class);
    }
}
