package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A change that bypasses {@link SegmentedTable.Entry#beforeChange} would put a later state into an earlier snapshot.
 */
class EncodedStateTest {
    /** Links of lists and derived state, which no snapshot contains. */
    private static final Set<String> NOT_ENCODED =
            Set.of("nextOfHold", "previousOfSession", "nextOfSession", "heapIndex");

    @ParameterizedTest
    @ValueSource(
            classes = {
                LockableEntry.class,
                MutexEntry.class,
                SemaphoreEntry.class,
                Timed.class,
                Hold.class,
                HoldLink.class,
                Session.class
            })
    void no_other_class_can_assign_what_a_snapshot_contains(Class<?> type) {
        assertThat(Arrays.stream(type.getDeclaredFields())
                        .filter(field -> !Modifier.isFinal(field.getModifiers()))
                        .filter(field -> !Modifier.isPrivate(field.getModifiers()))
                        .map(Field::getName))
                .isSubsetOf(NOT_ENCODED);
    }
}
