package dev.holdfast.client.internal.remote;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which peer to ask. It is asked until it fails in a way that another might not; then the leader that it named is asked,
 * or else the next peer of the list. What a peer says or does that is not asked any more changes nothing, so one break
 * with many requests under way moves on by one peer, not by many.
 */
final class LeaderBelief {
    /** How many peers to remember that are not listed but were named as leaders. */
    private static final int LEARNED_MAX = 16;

    private final List<RemotePeer> listed;
    private final Function<HostPort, RemotePeer> peers;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, like all that follows. */
    private final Map<HostPort, RemotePeer> learned = new LinkedHashMap<>();

    private int position;
    private RemotePeer believed;
    private @Nullable RemotePeer confirmed;

    /** A peer that failed a request because it does not lead yet, in the moment before the failure is heard of. */
    private @Nullable RemotePeer aboutToLead;

    private boolean closed;

    /** Begins with the first of the addresses; {@code peers} makes a peer for an address. */
    LeaderBelief(List<HostPort> addresses, Function<HostPort, RemotePeer> peers) {
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no peers are given");
        }
        this.peers = peers;
        this.listed = addresses.stream().distinct().map(peers).toList();
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
                position = (position + 1) % listed.size();
                believe(listed.get(position));
            }
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

    /** The peers of the list. */
    List<RemotePeer> listed() {
        return listed;
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
        for (int i = 0; i < listed.size(); i++) {
            if (listed.get(i).address().equals(address)) {
                position = i;
                return listed.get(i);
            }
        }
        return learned.computeIfAbsent(address, peers);
    }

    private @Nullable RemotePeer takeSurplus() {
        if (learned.size() <= LEARNED_MAX) {
            return null;
        }
        Iterator<RemotePeer> eldestFirst = learned.values().iterator();
        RemotePeer eldest = eldestFirst.next();
        if (eldest == believed) {
            eldest = eldestFirst.next();
        }
        eldestFirst.remove();
        return eldest;
    }
}
