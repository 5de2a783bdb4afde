package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which peer to ask. It is asked until it fails in a way that another might not; then the leader that it named is asked,
 * or else the next peer of the list, and after the list the members beside it of which a leader told. Those that were tried in vain not
 * long ago are passed over. What a peer says or does that is not asked any more changes nothing, so one break
 * with many requests under way moves on by one peer, not by many.
 */
final class LeaderBelief {
    /** How many peers to remember that are neither listed nor members as far as is known, but were named as leaders. */
    private static final int NAMED_MAX = 16;

    private final List<RemotePeer> listed;
    private final Function<HostPort, RemotePeer> peers;
    private final Predicate<HostPort> isAway;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like all that follows. */
    private final Map<HostPort, RemotePeer> learned = new LinkedHashMap<>();

    /** Those that take turns: the list, and the members beside it, which were learned of. */
    private List<RemotePeer> ring;

    /** In the ring. */
    private int position;

    private RemotePeer believed;
    private @Nullable RemotePeer confirmed;

    /** A peer that failed a request because it does not lead yet, in the moment before the failure is heard of. */
    private @Nullable RemotePeer aboutToLead;

    private boolean closed;

    /**
     * Begins with the first of the addresses.
     *
     * @param peers makes a peer for an address
     * @param isAway whether that address was tried in vain not long ago; called under the lock, so it must call nothing here
     */
    LeaderBelief(List<HostPort> addresses, Function<HostPort, RemotePeer> peers, Predicate<HostPort> isAway) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no peers are given");
        }
        this.peers = peers;
        this.isAway = isAway;
        this.listed = addresses.stream().distinct().map(peers).toList();
        this.ring = listed;
        this.believed = listed.get(0);
    }

    RemotePeer believed() {
        lock.lock();
        try {
            return believed;
        } finally {
            lock.unlock();
        }
    }

    /** That peer answered as only a leader can. Whether this is news. */
    boolean answered(RemotePeer peer) {
        lock.lock();
        try {
            if (peer != believed || peer == confirmed) {
                return false;
            }
            confirmed = peer;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Asks that peer next, unless it is known who leads. */
    void beginWith(HostPort first) {
        lock.lock();
        try {
            if (confirmed == null && !closed) {
                believe(peerAt(first));
            }
        } finally {
            lock.unlock();
        }
    }

    void failed(RemotePeer peer, TransportException failure) {
        if (!asksForAnother(peer, failure.kind())) {
            return;
        }
        lock.lock();
        try {
            boolean stay = failure.kind() == Kind.NO_LEADER && peer == aboutToLead;
            aboutToLead = null;
            if (peer == believed && !stay) {
                position = next();
                believe(ring.get(position));
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next that is not away; if all are, simply the next. */
    private int next() {
        for (int steps = 1; steps <= ring.size(); steps++) {
            int candidate = (position + steps) % ring.size();
            if (!isAway.test(ring.get(candidate).address())) {
                return candidate;
            }
        }
        return (position + 1) % ring.size();
    }

    /**
     * From now on these are the members beside the list. Others that were learned of are forgotten, save the one that is asked now.
     *
     * @return those that are forgotten, to be retired
     */
    List<RemotePeer> learn(Collection<HostPort> members) {
        List<RemotePeer> forgotten = new ArrayList<>();
        lock.lock();
        try {
            if (closed) {
                return forgotten;
            }
            for (RemotePeer peer : List.copyOf(learned.values())) {
                if (!members.contains(peer.address()) && peer != believed) {
                    forgotten.add(peer);
                    learned.remove(peer.address());
                }
            }
            List<RemotePeer> next = new ArrayList<>(listed);
            members.forEach(address -> next.add(learned.computeIfAbsent(address, peers)));
            ring = List.copyOf(next);
            int stillThere = ring.indexOf(believed);
            position = stillThere >= 0 ? stillThere : position % ring.size();
            return forgotten;
        } finally {
            lock.unlock();
        }
    }

    /** That peer named a leader: another, or itself if it is about to lead. The failure that it belongs to follows. */
    void hinted(RemotePeer by, LeaderHint hint) {
        RemotePeer surplus = null;
        lock.lock();
        try {
            if (by != believed || closed) {
                return;
            }
            if (names(hint, by)) {
                aboutToLead = by;
            } else {
                believe(peerAt(hint.address()));
                surplus = takeSurplus();
            }
        } finally {
            lock.unlock();
        }
        if (surplus != null) {
            surplus.retire();
        }
    }

    /** All peers, of the list and beside it. */
    List<RemotePeer> all() {
        lock.lock();
        try {
            List<RemotePeer> all = new ArrayList<>(listed);
            all.addAll(learned.values());
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Closes all peers. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        all().forEach(RemotePeer::close);
    }

    private static boolean asksForAnother(RemotePeer peer, Kind kind) {
        return switch (kind) {
            case NO_LEADER, UNREACHABLE, OUTCOME_UNKNOWN -> true;
            case REFUSED, FORBIDDEN -> peer.refusesThisClient();
            case BUSY, CLOSED -> false;
        };
    }

    /** Also by its id: the address in the list may be spelled differently. */
    private static boolean names(LeaderHint hint, RemotePeer peer) {
        return hint.address().equals(peer.address())
                || (!hint.peerId().isEmpty() && hint.peerId().equals(peer.peerId()));
    }

    private void believe(RemotePeer peer) {
        believed = peer;
        confirmed = null;
    }

    private RemotePeer peerAt(HostPort address) {
        for (int i = 0; i < ring.size(); i++) {
            if (ring.get(i).address().equals(address)) {
                position = i;
                return ring.get(i);
            }
        }
        return learned.computeIfAbsent(address, peers);
    }

    private @Nullable RemotePeer takeSurplus() {
        List<RemotePeer> named =
                learned.values().stream().filter(peer -> !ring.contains(peer)).toList();
        if (named.size() <= NAMED_MAX) {
            return null;
        }
        RemotePeer eldest = named.get(0) == believed ? named.get(1) : named.get(0);
        learned.remove(eldest.address());
        return eldest;
    }
}
