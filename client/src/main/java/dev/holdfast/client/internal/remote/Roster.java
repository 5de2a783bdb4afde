package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the peers of a list have said of their clusters, and whether that is enough to serve anybody. It starts nothing by
 * itself. Any thread may call it.
 *
 * <table>
 *   <caption>States</caption>
 *   <tr><th>state</th><th>requests</th><th>next</th></tr>
 *   <tr><td>asking</td><td>wait</td><td>serving, when enough peers are of one cluster and the first of them is known, or all that
 *     answer are, or some are and the others had their time; split</td></tr>
 *   <tr><td>serving</td><td>go on</td><td>split</td></tr>
 *   <tr><td>split</td><td>are refused</td><td>serving or asking, when those that answered agree</td></tr>
 * </table>
 *
 * <p>It is split while what two peers of the list said last differs, whoever said it first. What a peer said stands until it says
 * something else, also while it is away. The first cluster that was served is kept to for good. A peer that is not of the cluster the user
 * named does not count; it is refused, as if something else answered there.
 *
 * <p>Enough is more than half of the list: two clients with the same list in different orders cannot both find so many and
 * differ. If the user gave the cluster's id, one is enough.
 *
 * <p>Beside the list it knows members of the cluster that is served, of which the leader told. They decide nothing: what they say of
 * themselves is compared with that cluster, and that is all. They are forgotten once they are no members any more; the list stays.
 *
 * <p>See docs/adr/010-one-list-one-cluster.md and docs/adr/018-clients-learn-the-members.md.
 */
final class Roster {
    enum State {
        ASKING,
        SERVING,
        SPLIT
    }

    /**
     * What has come of something heard.
     *
     * @param refusal why the peer concerned is not to be talked to; {@code null} if it is, or none is concerned
     * @param before the state before
     * @param after the state from now on
     * @param over nothing is under way any more
     */
    record Step(@Nullable Ending refusal, State before, State after, boolean over) {}

    private final WantedCluster wanted;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    /** In the order of the list. Guarded by the lock, like the next two. */
    private final List<RosterEntry> entries;

    /** Members that are not in the list. */
    private List<RosterEntry> learned = List.of();

    private @Nullable ClusterIdentity served;
    /** Written under the lock. */
    private volatile State state = State.ASKING;

    Roster(Collection<HostPort> addresses, WantedCluster wanted) {
        this(addresses, wanted, System::nanoTime);
    }

    Roster(Collection<HostPort> addresses, WantedCluster wanted, LongSupplier nanoTime) {
        this.wanted = wanted;
        this.nanoTime = nanoTime;
        this.entries = addresses.stream().distinct().map(RosterEntry::new).toList();
    }

    State state() {
        return state;
    }

    /** The addresses to greet now for a request that waits; none if that is under way, or not needed. */
    List<HostPort> begin() {
        return locked(() -> {
            if (state != State.ASKING || isUnderWay()) {
                return List.of();
            }
            List<RosterEntry> toGreet =
                    entries.stream().filter(RosterEntry::isSilent).toList();
            toGreet.forEach(entry -> entry.trying = true);
            return addresses(toGreet);
        });
    }

    /** The addresses that should be greeted once more some time, although requests do not wait for that. */
    List<HostPort> toGreetAgain() {
        return locked(() -> switch (state) {
            case ASKING -> List.of();
            case SERVING ->
                addresses(Stream.concat(
                                wanted.isUnique() ? Stream.empty() : entries.stream(),
                                learned.stream().filter(entry -> !entry.isGivenUp()))
                        .filter(RosterEntry::isSilent)
                        .toList());
            case SPLIT -> addresses(entries);
        });
    }

    /**
     * The leader of the cluster that is served told who its members are. Empty lists are nobody's members, and so are not believed.
     *
     * @return whether those beside the list are others than before
     */
    boolean learn(Collection<HostPort> members) {
        return locked(() -> {
            if (state != State.SERVING || members.isEmpty()) {
                return false;
            }
            List<RosterEntry> next = members.stream()
                    .distinct()
                    .filter(address -> find(entries, address) == null)
                    .map(address ->
                            Objects.requireNonNullElseGet(find(learned, address), () -> new RosterEntry(address)))
                    .toList();
            boolean isNews = !addresses(next).equals(addresses(learned));
            learned = next;
            return isNews;
        });
    }

    /** The members of which the leader told, save those of the list. */
    List<HostPort> learned() {
        return locked(() -> addresses(learned));
    }

    /** Whether attempts at that address failed not long ago, so that others are asked rather. */
    boolean isAway(HostPort address) {
        return locked(() -> {
            RosterEntry entry = find(address);
            return entry != null && entry.isAway(nanoTime.getAsLong());
        });
    }

    /** The peer at that address, which need not be of the list, welcomed this client. */
    Step welcomed(HostPort address, ClusterIdentity said) {
        return step(() -> {
            String objection = wanted.objection(said);
            RosterEntry listed = find(entries, address);
            if (listed != null) {
                listed.said = objection == null ? said : null;
                listed.trying &= objection != null;
                judge();
            }
            if (state == State.SPLIT) {
                return split();
            }
            if (objection == null && served != null && !served.id().equals(said.id())) {
                objection = "belongs to " + said + ", this client keeps to " + served;
            }
            RosterEntry entry = find(address);
            if (entry != null && entry != listed) {
                entry.said = objection == null ? said : null;
            }
            if (objection != null) {
                return Ending.refused(address + " " + objection, null);
            }
            if (entry != null) {
                entry.reached();
            }
            return null;
        });
    }

    /** An attempt at that address failed. */
    Step failed(HostPort address, Ending why) {
        return step(() -> {
            RosterEntry entry = find(address);
            if (entry != null) {
                entry.trying = false;
                // That all are refused while the list is split says nothing of this one.
                if (state != State.SPLIT || entry.isSilent()) {
                    entry.failed(why, nanoTime.getAsLong());
                }
                judge();
            }
            return null;
        });
    }

    /** Those that have not answered had their time. */
    Step timeIsUp() {
        return step(() -> {
            if (state == State.ASKING) {
                firstSaid().ifPresent(this::serve);
            }
            return null;
        });
    }

    private Step step(Supplier<@Nullable Ending> what) {
        return locked(() -> {
            State before = state;
            Ending refusal = what.get();
            return new Step(refusal, before, state, !isUnderWay());
        });
    }

    private void judge() {
        List<ClusterIdentity> answers = entries.stream()
                .map(entry -> entry.said)
                .filter(Objects::nonNull)
                .toList();
        if (answers.stream().map(ClusterIdentity::id).distinct().count() > 1) {
            state = State.SPLIT;
        } else if (served != null) {
            state = State.SERVING;
        } else {
            state = State.ASKING;
            if (!isUnderWay() || (isEnough() && isFirstKnown())) {
                firstSaid().ifPresent(this::serve);
            }
        }
    }

    private boolean isEnough() {
        long answers = entries.stream().filter(entry -> !entry.isSilent()).count();
        return wanted.isUnique() ? answers > 0 : 2 * answers > entries.size();
    }

    /** Whether nothing is under way that would be asked before those that have answered. */
    private boolean isFirstKnown() {
        return entries.stream().takeWhile(RosterEntry::isSilent).noneMatch(entry -> entry.trying);
    }

    private void serve(ClusterIdentity cluster) {
        served = cluster;
        state = State.SERVING;
    }

    private Optional<ClusterIdentity> firstSaid() {
        return entries.stream().filter(entry -> !entry.isSilent()).findFirst().map(entry -> entry.said);
    }

    private boolean isUnderWay() {
        return entries.stream().anyMatch(entry -> entry.trying);
    }

    /** In the list, or else beside it. */
    private @Nullable RosterEntry find(HostPort address) {
        RosterEntry listed = find(entries, address);
        return listed == null ? find(learned, address) : listed;
    }

    private static @Nullable RosterEntry find(List<RosterEntry> some, HostPort address) {
        return some.stream()
                .filter(entry -> entry.address.equals(address))
                .findFirst()
                .orElse(null);
    }

    private static List<HostPort> addresses(List<RosterEntry> some) {
        return some.stream().map(entry -> entry.address).toList();
    }

    private <T> T locked(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    boolean isListed(HostPort address) {
        return locked(() -> find(entries, address) != null);
    }

    /** Whether a peer of the list has named its cluster. */
    boolean hasAnswer() {
        return locked(() -> firstSaid().isPresent());
    }

    /** Whether enough have named the same. */
    boolean hasEnough() {
        return locked(this::isEnough);
    }

    /** The first address of the list whose peer answered and did not fail since. */
    Optional<HostPort> firstAnswering() {
        return locked(() ->
                entries.stream().filter(RosterEntry::isAnswering).findFirst().map(entry -> entry.address));
    }

    /** Whether each peer, of the list and beside it, was reached last time and refused this client. */
    boolean allRefuse() {
        return locked(() -> all().allMatch(RosterEntry::isRefusing));
    }

    /** Whether one of them refused since it does not know who this client is. */
    boolean oneForbids() {
        return locked(() -> all().anyMatch(RosterEntry::isForbidding));
    }

    /** What came of each address, for people to read. */
    String describe() {
        return locked(() -> RosterEntry.describe(all().toList()));
    }

    private Stream<RosterEntry> all() {
        return Stream.concat(entries.stream(), learned.stream());
    }

    /** Why nobody is served while the list is split. */
    Ending split() {
        return Ending.refused(
                "the list of peers spans " + locked(() -> RosterEntry.describeClusters(entries))
                        + ". Nothing is locked until all of them agree: correct the list, or name the cluster that is meant",
                null);
    }
}
