package dev.holdfast.statemachine;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.codec.TermCodec;
import dev.holdfast.statemachine.v1.HoldProto;
import dev.holdfast.statemachine.v1.LockableProto;
import dev.holdfast.statemachine.v1.WaiterProto;
import java.util.ArrayList;
import java.util.List;

/**
 * What a lockable was at the start of a capture. Waiters are not copied: whatever of them a snapshot contains is set before
 * they queue, and never changes.
 */
record LockableImage(
        LockableKey lockable, boolean unsettled, long condemnedUpTo, List<HoldImage> holds, List<Waiter> waiters)
        implements StateImage {

    static LockableImage of(LockableEntry entry) {
        List<HoldImage> holds = entry.streamOfHolds().map(HoldImage::of).toList();
        List<Waiter> waiters = entry.waiterCount() == 0 ? List.of() : new ArrayList<>(entry.waiterCount());
        for (Waiter waiter = entry.headWaiter(); waiter != null; waiter = waiter.next) {
            waiters.add(waiter);
        }
        return new LockableImage(entry.lockable, entry.isUnsettled(), entry.condemnedUpTo(), holds, waiters);
    }

    @Override
    public int parts() {
        return holds.size() + waiters.size();
    }

    @Override
    public <X extends Exception> void encode(Fragments<X> fragments) throws X {
        Fragment<X> fragment = new Fragment<>(fragments);
        for (HoldImage hold : holds) {
            fragment.add(StateEncoder.encode(hold));
        }
        for (Waiter waiter : waiters) {
            fragment.add(StateEncoder.encode(waiter));
        }
        fragments.add(fragment.builder.build());
    }

    private final class Fragment<X extends Exception> extends Fragmenter<X> {
        private final Fragments<X> fragments;
        private LockableProto.Builder builder = LockableProto.newBuilder()
                .setLockable(TermCodec.encode(lockable))
                .setUnsettled(unsettled)
                .setCondemnedUpTo(condemnedUpTo);

        Fragment(Fragments<X> fragments) {
            this.fragments = fragments;
        }

        void add(HoldProto hold) throws X {
            makeRoom(hold.getSerializedSize());
            builder.addHolds(hold);
        }

        void add(WaiterProto waiter) throws X {
            makeRoom(waiter.getSerializedSize());
            builder.addWaiters(waiter);
        }

        @Override
        void next(int number) throws X {
            fragments.add(builder.setMore(true).build());
            builder = LockableProto.newBuilder()
                    .setLockable(TermCodec.encode(lockable))
                    .setFragment(number);
        }
    }
}
