package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SegmentedTableTest {
    private static final int KEYS = 40;

    /** A value that changes in place, as the machine's do. */
    private static final class Cell extends SegmentedTable.Entry<Integer, Cell> {
        private final int key;
        private int value;

        private Cell(int key, int value) {
            this.key = key;
            this.value = value;
        }

        @Override
        Integer key() {
            return key;
        }

        private void set(int newValue) {
            beforeChange();
            value = newValue;
        }
    }

    /** Either few segments with many keys each, or few keys in many pages of segments. */
    private SegmentedTable<Integer, Cell> table = new SegmentedTable<>(8);

    private final Map<Integer, Integer> model = new TreeMap<>();

    @Test
    void it_behaves_like_a_map_and_its_captures_hold_the_state_at_their_start() {
        for (long seed = 1; seed <= 500; seed++) {
            SegmentedTableTest fresh = new SegmentedTableTest();
            fresh.table = new SegmentedTable<>(seed % 2 == 0 ? 8 : 1 << 14);
            fresh.captureWhileChanging(new Random(seed), "seed " + seed);
        }
    }

    private void captureWhileChanging(Random random, String when) {
        for (int round = 0; round < 3; round++) {
            for (int i = random.nextInt(60); i > 0; i--) {
                change(random);
            }
            Map<Integer, Integer> atBegin = new TreeMap<>(model);
            SegmentedTable.Capture<Integer, Cell, CellImage> capture = table.capture(CellImage::of);
            List<CellImage> images = new ArrayList<>();
            while (!capture.isComplete()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    change(random);
                }
                capture.take(1 + random.nextInt(5), images);
            }
            assertThat(content(images)).as(when).isEqualTo(atBegin);
            assertThat(content()).as(when).isEqualTo(model);
            assertThat(table.size()).as(when).isEqualTo(model.size());
        }
    }

    private void change(Random random) {
        int key = random.nextInt(KEYS);
        int value = random.nextInt();
        switch (random.nextInt(3)) {
            case 0 -> {
                table.remove(key);
                table.add(new Cell(key, value));
                model.put(key, value);
            }
            case 1 -> {
                table.remove(key);
                model.remove(key);
            }
            default -> {
                Cell cell = table.get(key);
                assertThat(cell != null).isEqualTo(model.containsKey(key));
                if (cell != null) {
                    cell.set(value);
                    model.put(key, value);
                }
            }
        }
    }

    @Test
    void the_order_of_a_walk_does_not_depend_on_the_history() {
        for (int key = 0; key < KEYS; key++) {
            table.add(new Cell(key, 0));
        }
        SegmentedTable<Integer, Cell> other = new SegmentedTable<>(8);
        for (int key = 2 * KEYS; key >= 0; key--) {
            other.add(new Cell(key, 0));
        }
        for (int key = KEYS; key <= 2 * KEYS; key++) {
            other.remove(key);
        }

        assertThat(keys(other)).isEqualTo(keys(table)).hasSize(KEYS);
    }

    @Test
    void only_one_capture_is_in_progress_at_a_time() {
        SegmentedTable.Capture<Integer, Cell, CellImage> capture = table.capture(CellImage::of);
        assertThatThrownBy(() -> table.capture(CellImage::of)).isInstanceOf(IllegalStateException.class);

        capture.close();
        capture.close();

        table.capture(CellImage::of).close();
    }

    @Test
    void a_segment_count_that_is_not_a_power_of_two_is_refused() {
        assertThatThrownBy(() -> new SegmentedTable<Integer, Cell>(12)).isInstanceOf(IllegalArgumentException.class);
    }

    private Map<Integer, Integer> content() {
        Map<Integer, Integer> content = new TreeMap<>();
        table.inOrder().forEach(cell -> content.put(cell.key, cell.value));
        return content;
    }

    private static List<Integer> keys(SegmentedTable<Integer, Cell> table) {
        List<Integer> keys = new ArrayList<>();
        table.inOrder().forEach(cell -> keys.add(cell.key));
        return keys;
    }

    private record CellImage(int key, int value) implements SegmentedTable.Image {
        static CellImage of(Cell cell) {
            return new CellImage(cell.key, cell.value);
        }

        @Override
        public int parts() {
            return 0;
        }
    }

    private static Map<Integer, Integer> content(List<CellImage> images) {
        Map<Integer, Integer> content = new TreeMap<>();
        images.forEach(image -> content.put(image.key(), image.value()));
        return content;
    }
}
