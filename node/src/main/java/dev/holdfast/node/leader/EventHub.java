package dev.holdfast.node.leader;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport.Subscription;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries events from the leader's apply to the subscribers. It keeps none: what a subscriber missed is in the replicated
 * state, and a new subscription starts with that. It goes on page by page for as long as the subscriber takes more; until then
 * the state keeps the rest.
 */
final class EventHub {
    /**
     * A client needs one. More are left over from connections that broke unnoticed, or are there to make each event cost many
     * times what it should.
     */
    private static final int FEEDS_PER_SESSION_MAX = 16;

    /** How many events are delivered at a time. With the longest names in them they have about 300 KB. */
    static final int PAGE_EVENTS = 128;

    private final Replica replica;
    private final Map<SessionId, List<Feed>> feeds = new ConcurrentHashMap<>();
    private volatile boolean closed;

    EventHub(Replica replica) {
        this.replica = replica;
    }

    Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        Feed feed = new Feed(session, afterNumber, sink);
        feed.start();
        breakOffSurplus(session);
        if (closed) {
            feed.breakOff(NotLeading.anyMore());
        }
        return feed;
    }

    private void breakOffSurplus(SessionId session) {
        List<Feed> eldestFirst = List.copyOf(feeds.getOrDefault(session, List.of()));
        eldestFirst
                .subList(0, Math.max(0, eldestFirst.size() - FEEDS_PER_SESSION_MAX))
                .forEach(feed -> feed.breakOff(new TransportException(
                        TransportException.Kind.BUSY, "session " + session + " has newer subscriptions")));
    }

    /** Called by the applying thread. */
    void publish(SessionEvents events) {
        List<Feed> list = feeds.get(events.session());
        if (list != null) {
            list.forEach(feed -> feed.publish(events.events()));
        }
    }

    /** The session is gone, and its events with it. */
    void end(SessionId session) {
        List<Feed> list = feeds.remove(session);
        if (list != null) {
            list.forEach(feed -> feed.breakOff(sessionUnknown(session)));
        }
    }

    /** This peer no longer leads. */
    void close() {
        closed = true;
        for (SessionId session : List.copyOf(feeds.keySet())) {
            List<Feed> list = feeds.remove(session);
            if (list != null) {
                list.forEach(feed -> feed.breakOff(NotLeading.anyMore()));
            }
        }
    }

    private static TransportException sessionUnknown(SessionId session) {
        return NotLeading.because("session " + session + " is not open, as far as this peer knows");
    }

    /**
     * One subscription. One thread at a time calls the sink, in the order of the events, and holds no lock meanwhile: what a sink does may
     * wait for Ratis's lock of the division, which is held by whoever breaks the feeds off when this peer ceases to lead.
     *
     * <p>It is behind, at first, and whenever its sink was not ready, or busy with earlier events: then what is published is left in the
     * state, where the next page begins right after the last event that was delivered. It has caught up once the state has no further
     * event. Whatever is applied after that was looked up is published after that, and waits for the lock until the feed says so.
     */
    private final class Feed implements Subscription {
        private final SessionId session;
        private final EventSink sink;

        /** Guards what follows. */
        private final ReentrantLock lock = new ReentrantLock();

        private long delivered;
        private boolean behind = true;

        /** Whether a thread calls the sink. It alone goes on. */
        private boolean busy;

        /** Whether that thread is to look for more when it has done what it does. */
        private boolean again;

        private boolean over;

        /** What that thread is to tell the sink at last. */
        private @Nullable TransportException broken;

        Feed(SessionId session, long afterNumber, EventSink sink) {
            this.session = session;
            this.delivered = Math.max(0, afterNumber);
            this.sink = sink;
        }

        /** Becomes known before it looks what waits: so nothing that is applied meanwhile is missed. */
        void start() {
            remember();
            while (resume()) {
                // There is more, and it is wanted.
            }
        }

        @Override
        public boolean resume() {
            List<NumberedEvent> page;
            lock.lock();
            try {
                if (over || !behind || !sink.isReady()) {
                    return false;
                }
                if (busy) {
                    again = true;
                    return false;
                }
                busy = true;
                page = nextPage();
            } finally {
                lock.unlock();
            }
            return deliver(page);
        }

        /** Called by the applying thread, with events that follow on each other. */
        void publish(List<NumberedEvent> events) {
            List<NumberedEvent> page;
            lock.lock();
            try {
                // Some may have been in the last page already.
                long known = delivered - events.get(0).number() + 1;
                int from = (int) Math.min(events.size(), Math.max(0, known));
                if (over || behind || from == events.size()) {
                    return;
                }
                if (busy || !sink.isReady()) {
                    behind = true;
                    again = busy;
                    return;
                }
                int to = Math.min(events.size(), from + PAGE_EVENTS);
                page = events.subList(from, to);
                delivered = last(page);
                behind = to < events.size();
                again = behind;
                busy = true;
            } finally {
                lock.unlock();
            }
            var unused = deliver(page);
        }

        /** Under the lock. */
        private List<NumberedEvent> nextPage() {
            List<NumberedEvent> page = replica.read(machine -> machine.eventsAfter(session, delivered, PAGE_EVENTS));
            if (page == null) {
                over = true;
                broken = sessionUnknown(session);
                forget();
                return List.of();
            }
            behind = page.size() == PAGE_EVENTS;
            delivered = page.isEmpty() ? delivered : last(page);
            return page;
        }

        private static long last(List<NumberedEvent> events) {
            return events.get(events.size() - 1).number();
        }

        /** By the thread that is busy with this feed, which it ends to be. Tells whether more waits. */
        private boolean deliver(List<NumberedEvent> first) {
            @Nullable List<NumberedEvent> page = first;
            while (page != null) {
                boolean taken = false;
                try {
                    if (!page.isEmpty()) {
                        sink.onEvents(page);
                    }
                    taken = true;
                } finally {
                    if (!taken) {
                        giveUp();
                    }
                }
                page = more();
            }
            return hasMore();
        }

        /** The next page, perhaps an empty one; {@code null} if that is all for now, and the thread is not busy any more. */
        private @Nullable List<NumberedEvent> more() {
            TransportException cause;
            lock.lock();
            try {
                if (!over && again && sink.isReady()) {
                    List<NumberedEvent> page = nextPage();
                    again = behind;
                    if (!over) {
                        return page;
                    }
                }
                again = false;
                busy = false;
                cause = broken;
                broken = null;
            } finally {
                lock.unlock();
            }
            if (cause != null) {
                sink.onBroken(cause);
            }
            return null;
        }

        /** The sink has thrown. */
        private void giveUp() {
            lock.lock();
            try {
                behind = true;
                again = false;
                busy = false;
            } finally {
                lock.unlock();
            }
        }

        private boolean hasMore() {
            lock.lock();
            try {
                return !over && behind && !busy;
            } finally {
                lock.unlock();
            }
        }

        void breakOff(TransportException cause) {
            lock.lock();
            try {
                if (over) {
                    return;
                }
                over = true;
                forget();
                if (busy) {
                    broken = cause;
                    return;
                }
            } finally {
                lock.unlock();
            }
            sink.onBroken(cause);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                over = true;
                broken = null;
                forget();
            } finally {
                lock.unlock();
            }
        }

        private void remember() {
            feeds.compute(session, (id, list) -> {
                List<Feed> known = list == null ? new CopyOnWriteArrayList<>() : list;
                known.add(this);
                return known;
            });
        }

        private void forget() {
            feeds.computeIfPresent(session, (id, list) -> {
                list.remove(this);
                return list.isEmpty() ? null : list;
            });
        }
    }
}
