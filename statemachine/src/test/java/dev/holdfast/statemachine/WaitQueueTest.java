package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.MUTEX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitQueueTest {
    private static final LockableEntry ENTRY = LockableEntry.of(MUTEX);
    private static final Session SESSION = new Session(
            SessionId.NONE, new Command.OpenSession(1000, "host", "name"), Caller.NOBODY, 0, 0, null, new Footprint());
    private static final List<Owner> OWNERS =
            List.of(Owner.of("user", "ann"), Owner.of("user", "bob"), Owner.of("user", "cat"));

    @Test
    void it_behaves_like_a_list_with_removal_anywhere() {
        for (long seed = 1; seed <= 300; seed++) {
            compareWithAList(seed);
        }
    }

    private static void compareWithAList(long seed) {
        Random random = new Random(seed);
        WaitQueue queue = new WaitQueue();
        List<Waiter> model = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            if (model.isEmpty() || random.nextInt(100) < 52) {
                Waiter waiter = waiter(OWNERS.get(random.nextInt(OWNERS.size())), step);
                queue.add(waiter);
                model.add(waiter);
            } else {
                queue.remove(model.remove(random.nextInt(model.size())));
            }
            assertSame(queue, model, "seed " + seed + ", step " + step);
        }
    }

    private static void assertSame(WaitQueue queue, List<Waiter> model, String when) {
        List<Waiter> walked = new ArrayList<>();
        for (Waiter waiter = queue.head(); waiter != null; waiter = waiter.next) {
            walked.add(waiter);
        }
        assertThat(walked).as(when).isEqualTo(model);
        assertThat(queue.size()).as(when).isEqualTo(model.size());
        for (Owner owner : OWNERS) {
            List<Waiter> chain = new ArrayList<>();
            for (Waiter waiter = queue.firstOf(owner); waiter != null; waiter = waiter.nextOfOwner) {
                chain.add(waiter);
            }
            assertThat(chain)
                    .as(when)
                    .isEqualTo(model.stream()
                            .filter(waiter -> waiter.owner.equals(owner))
                            .toList());
        }
    }

    private static Waiter waiter(Owner owner, long arrival) {
        return new Waiter(ENTRY, SESSION, arrival, owner, 1, 1, false, Lease.SESSION, 0, arrival);
    }
}
