package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
    private static final LockableEntry ENTRY = LockableEntry.of(MUTEX);
    private static final Session SESSION = new Session(
            SessionId.NONE, new Command.OpenSession(1000, "host", "name"), Caller.NOBODY, 0, 0, null, new Footprint());

    @Test
    void it_behaves_like_a_sorted_list() {
        for (long seed = 1; seed <= 200; seed++) {
            compareWithAList(seed, 300, 40);
        }
    }

    @Test
    void it_grows_and_shrinks() {
        compareWithAList(1, 20_000, 5000);
    }

    /** Once there are about {@code crowd} elements, they leave as often as they come. */
    private static void compareWithAList(long seed, int steps, int crowd) {
        Random random = new Random(seed);
        DeadlineHeap heap = new DeadlineHeap();
        List<Timed> model = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            int action = random.nextInt(10);
            if (model.isEmpty() || (action < 5 && model.size() < crowd)) {
                Timed timed = random.nextBoolean() ? hold(step + 1) : waiter(step + 1);
                heap.schedule(timed, random.nextInt(50));
                model.add(timed);
            } else if (action < 7) {
                heap.schedule(model.get(random.nextInt(model.size())), random.nextInt(50));
            } else if (action == 7) {
                Timed gone = model.remove(random.nextInt(model.size()));
                heap.remove(gone);
                heap.remove(gone);
            } else if (action == 8) {
                heap.schedule(model.remove(random.nextInt(model.size())), LogTime.NEVER);
            } else {
                long now = random.nextInt(50);
                Timed first = model.stream()
                        .min(byEnd())
                        .filter(timed -> timed.deadlineMs() <= now)
                        .orElse(null);
                assertThat(heap.pollDue(now)).as("seed %s, step %s", seed, step).isSameAs(first);
                model.remove(first);
            }
            assertThat(heap.size()).as("seed %s, step %s", seed, step).isEqualTo(model.size());
        }
        drain(heap, model, seed);
    }

    private static void drain(DeadlineHeap heap, List<Timed> model, long seed) {
        model.sort(byEnd());
        for (Timed expected : model) {
            assertThat(heap.earliest()).as("seed %s", seed).isEqualTo(expected.deadlineMs());
            assertThat(heap.pollDue(expected.deadlineMs() - 1))
                    .as("seed %s", seed)
                    .isNull();
            assertThat(heap.pollDue(expected.deadlineMs())).as("seed %s", seed).isSameAs(expected);
        }
        assertThat(heap.earliest()).isEqualTo(LogTime.NEVER);
        assertThat(heap.pollDue(Long.MAX_VALUE)).isNull();
    }

    @Test
    void at_the_same_deadline_waits_end_before_leases_and_older_ones_first() {
        DeadlineHeap heap = new DeadlineHeap();
        List<Timed> inOrder = List.of(waiter(1), waiter(Long.MAX_VALUE), hold(1), hold(2));
        for (int i : new int[] {2, 1, 3, 0}) {
            heap.schedule(inOrder.get(i), 10);
        }

        for (Timed expected : inOrder) {
            assertThat(heap.pollDue(10)).isSameAs(expected);
        }
    }

    private static Comparator<Timed> byEnd() {
        return Comparator.<Timed>comparingLong(Timed::deadlineMs)
                .thenComparing(timed -> timed instanceof Hold)
                .thenComparingLong(timed -> timed instanceof Hold hold ? hold.token : ((Waiter) timed).arrival);
    }

    private static Hold hold(long token) {
        return new Hold(ENTRY, ANN, token, 0, 1);
    }

    private static Waiter waiter(long arrival) {
        return new Waiter(ENTRY, SESSION, 1, ANN, 1, 1, false, Lease.SESSION, 0, arrival);
    }
}
