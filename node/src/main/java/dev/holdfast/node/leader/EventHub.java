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

/**
 * Carries events from the leader's apply to the subscribers. It keeps none: what a subscriber missed is in the replicated
 * state, and a new subscription starts with that.
 */
final class EventHub {
    /**
     * A client needs one. More are left over from connections that broke unnoticed, or are there to make each event cost many
     * times what it should.
     */
    private static final int FEEDS_PER_SESSION_MAX = 16;

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
            list.forEach(feed -> feed.deliver(events.events()));
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

    /** One subscription. Its lock keeps deliveries in order and apart. */
    private final class Feed implements Subscription {
        private final SessionId session;
        private final EventSink sink;
        private final ReentrantLock delivery = new ReentrantLock();
        private long delivered;
        private boolean over;

        Feed(SessionId session, long afterNumber, EventSink sink) {
            this.session = session;
            this.delivered = afterNumber;
            this.sink = sink;
        }

        /**
         * Becomes known, and delivers what waits, under one lock. What is published meanwhile queues up behind it. Otherwise it
         * could be delivered before what waits, which would then be lost.
         */
        void start() {
            delivery.lock();
            try {
                remember();
                List<NumberedEvent> waiting = replica.read(machine -> machine.eventsAfter(session, delivered));
                if (waiting == null) {
                    breakOff(sessionUnknown(session));
                } else {
                    deliver(waiting);
                }
            } finally {
                delivery.unlock();
            }
        }

        void deliver(List<NumberedEvent> events) {
            delivery.lock();
            try {
                List<NumberedEvent> fresh = events.stream()
                        .filter(event -> event.number() > delivered)
                        .toList();
                if (!over && !fresh.isEmpty()) {
                    delivered = fresh.get(fresh.size() - 1).number();
                    sink.onEvents(fresh);
                }
            } finally {
                delivery.unlock();
            }
        }

        void breakOff(TransportException cause) {
            delivery.lock();
            try {
                if (!over) {
                    over = true;
                    forget();
                    sink.onBroken(cause);
                }
            } finally {
                delivery.unlock();
            }
        }

        @Override
        public void close() {
            delivery.lock();
            try {
                over = true;
                forget();
            } finally {
                delivery.unlock();
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
