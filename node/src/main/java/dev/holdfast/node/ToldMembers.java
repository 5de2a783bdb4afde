package dev.holdfast.node;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Where clients reach the members, for replies: looked up once a second at most, and the same list as long as nothing has changed. While the
 * members change, and while they are not known, it stays what it was. Any thread may ask.
 *
 * <p>See docs/adr/018-clients-learn-the-members.md.
 */
final class ToldMembers implements Supplier<List<HostPort>> {
    private static final long LOOK_NANOS = 1_000_000_000;

    private final Supplier<MemberSet> members;
    private final LongSupplier nanoTime;
    private final AtomicLong nextLookNanos;
    private volatile List<HostPort> told = List.of();

    /** @param members those of the first group; must not block */
    ToldMembers(Supplier<MemberSet> members, LongSupplier nanoTime) {
        this.members = members;
        this.nanoTime = nanoTime;
        this.nextLookNanos = new AtomicLong(nanoTime.getAsLong());
    }

    @Override
    public List<HostPort> get() {
        long now = nanoTime.getAsLong();
        long next = nextLookNanos.get();
        if (now - next >= 0 && nextLookNanos.compareAndSet(next, now + LOOK_NANOS)) {
            MemberSet known = members.get();
            List<HostPort> addresses = known.all().map(Peer::client).distinct().toList();
            if (known.settled() && !addresses.isEmpty() && !addresses.equals(told)) {
                told = addresses;
            }
        }
        return told;
    }
}
