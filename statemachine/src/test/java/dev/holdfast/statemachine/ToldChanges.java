package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Answer.ChangeView;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** Who holds and who waits, by nothing but the changes that a machine told of: it must be what the machine itself has. */
final class ToldChanges {
    private record Place(LockableKey lockable, Owner owner) {}

    private record Held(long token, int count) {}

    private final Map<Place, Held> holds = new HashMap<>();
    private final Map<Place, Integer> waits = new HashMap<>();

    void addAll(Collection<Change> changes) {
        changes.forEach(this::add);
    }

    private void add(Change change) {
        Place place = new Place(change.lockable(), change.owner());
        Held before = holds.get(place);
        switch (change.kind()) {
            case QUEUED -> waits.merge(place, 1, Integer::sum);
            case WAIT_TIMED_OUT, WAIT_CANCELLED, WAIT_ENDED_WITH_SESSION -> waitEnded(place);
            case GRANTED, GRANTED_AGAIN -> {
                assertThat(before == null)
                        .as("%s", change)
                        .isEqualTo(change.kind().name().equals("GRANTED"));
                if (change.lastedMs() != ChangeView.NOTHING_ENDED) {
                    waitEnded(place);
                }
                holds.put(place, new Held(change.token(), change.count()));
            }
            case RELEASED, EXPIRED, FORCE_RELEASED, ENDED_WITH_SESSION -> {
                assertThat(before).as("%s", change).isNotNull();
                assertThat(before.token).as("%s", change).isEqualTo(change.token());
                if (change.count() == 0) {
                    assertThat(change.lastedMs()).as("%s", change).isNotNegative();
                    holds.remove(place);
                } else {
                    assertThat(before.count).as("%s", change).isGreaterThan(change.count());
                    holds.put(place, new Held(change.token(), change.count()));
                }
            }
        }
    }

    private void waitEnded(Place place) {
        assertThat(waits.merge(place, -1, Integer::sum))
                .as("waits of %s", place)
                .isNotNegative();
        waits.remove(place, 0);
    }

    void checkAgainst(MachineState state) {
        Map<Place, Held> actualHolds = new HashMap<>();
        Map<Place, Integer> actualWaits = new HashMap<>();
        for (LockableEntry entry : state.lockablesInOrder.values()) {
            entry.streamOfHolds()
                    .forEach(hold ->
                            actualHolds.put(new Place(entry.lockable, hold.owner), new Held(hold.token, hold.count())));
            for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
                actualWaits.merge(new Place(entry.lockable, waiter.owner), 1, Integer::sum);
            }
        }
        assertThat(holds).isEqualTo(actualHolds);
        assertThat(waits).isEqualTo(actualWaits);
    }
}
