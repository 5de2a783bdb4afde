package dev.holdfast.node.leader;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/** The hub, and others that are wrong, which tests of interleavings must reject. */
final class Hubs {
    /** What the tests need of a hub. */
    interface Hub {
        void subscribe(SessionId session, EventSink sink);

        void publish(SessionEvents events);

        void close();
    }

    static final class Real implements Hub {
        private final EventHub hub;

        Real(Replica replica) {
            hub = new EventHub(replica);
        }

        @Override
        public void subscribe(SessionId session, EventSink sink) {
            // Is never closed, so that it is broken.
            var unused = hub.subscribe(session, 0, sink);
        }

        @Override
        public void publish(SessionEvents events) {
            hub.publish(events);
        }

        @Override
        public void close() {
            hub.close();
        }
    }

    /** The hub as it once was, for one session: what is published in a gap overtakes what waits, which is then lost. */
    static final class KnownTooEarly implements Hub {
        private final class Feed {
            private final ReentrantLock delivery = new ReentrantLock();
            private final EventSink sink;
            private long delivered;

            Feed(EventSink sink) {
                this.sink = sink;
            }

            void deliver(List<NumberedEvent> events) {
                delivery.lock();
                try {
                    List<NumberedEvent> fresh = events.stream()
                            .filter(event -> event.number() > delivered)
                            .toList();
                    if (!fresh.isEmpty()) {
                        delivered = fresh.get(fresh.size() - 1).number();
                        sink.onEvents(fresh);
                    }
                } finally {
                    delivery.unlock();
                }
            }
        }

        private final Replica replica;
        private final List<Feed> feeds = new CopyOnWriteArrayList<>();
        private volatile boolean closed;

        KnownTooEarly(Replica replica) {
            this.replica = replica;
        }

        @Override
        public void subscribe(SessionId session, EventSink sink) {
            if (closed) {
                sink.onBroken(new TransportException(Kind.NO_LEADER, "closed"));
                return;
            }
            Feed feed = new Feed(sink);
            feeds.add(feed);
            feed.deliver(replica.read(machine -> machine.eventsAfter(session, 0)));
        }

        @Override
        public void publish(SessionEvents events) {
            feeds.forEach(feed -> feed.deliver(events.events()));
        }

        @Override
        public void close() {
            closed = true;
            feeds.forEach(feed -> feed.sink.onBroken(new TransportException(Kind.NO_LEADER, "closed")));
        }
    }

    /** What happens after it has looked whether it is closed, and before it knows the feed, passes the feed by. */
    static final class KnownTooLate implements Hub {
        private final Replica replica;
        private final List<EventSink> sinks = new CopyOnWriteArrayList<>();
        private volatile boolean closed;

        KnownTooLate(Replica replica) {
            this.replica = replica;
        }

        @Override
        public void subscribe(SessionId session, EventSink sink) {
            if (closed) {
                sink.onBroken(new TransportException(Kind.NO_LEADER, "closed"));
                return;
            }
            sink.onEvents(replica.read(machine -> machine.eventsAfter(session, 0)));
            sinks.add(sink);
        }

        @Override
        public void publish(SessionEvents events) {
            sinks.forEach(sink -> sink.onEvents(events.events()));
        }

        @Override
        public void close() {
            closed = true;
            sinks.forEach(sink -> sink.onBroken(new TransportException(Kind.NO_LEADER, "closed")));
        }
    }

    private Hubs() {}
}
