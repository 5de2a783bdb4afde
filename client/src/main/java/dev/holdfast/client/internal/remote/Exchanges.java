package dev.holdfast.client.internal.remote;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What is under way on one connection: requests that wait for replies, and subscriptions. */
final class Exchanges {
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, PendingRequest<?>> requests = new ConcurrentHashMap<>();
    private final Map<Long, SerialSink> subscriptions = new ConcurrentHashMap<>();

    /** Returns the id by which the peer will know it. */
    long add(PendingRequest<?> request) {
        long id = lastId.incrementAndGet();
        requests.put(id, request);
        return id;
    }

    /** Returns the id by which the peer will know it. */
    long add(SerialSink sink) {
        long id = lastId.incrementAndGet();
        subscriptions.put(id, sink);
        return id;
    }

    @Nullable
    PendingRequest<?> takeRequest(long id) {
        return requests.remove(id);
    }

    @Nullable
    SerialSink subscription(long id) {
        return subscriptions.get(id);
    }

    @Nullable
    SerialSink takeSubscription(long id) {
        return subscriptions.remove(id);
    }

    boolean isEmpty() {
        return requests.isEmpty() && subscriptions.isEmpty();
    }

    /** Fails and breaks everything. */
    void end(Ending ending) {
        for (Long id : List.copyOf(requests.keySet())) {
            PendingRequest<?> request = requests.remove(id);
            if (request != null) {
                request.fail(ending);
            }
        }
        for (Long id : List.copyOf(subscriptions.keySet())) {
            SerialSink sink = subscriptions.remove(id);
            if (sink != null) {
                sink.broken(ending.ofUnsent());
            }
        }
    }
}
