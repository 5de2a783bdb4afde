package dev.holdfast.jepsen.verify;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A cluster of which it is noted how long the keep-alives of one client take. Thread-safe. */
final class KeepAliveWatch implements ClusterTransport {
    private final ClusterTransport cluster;
    private final LongSupplier nanoTime;
    private final Map<Integer, Transport> transports = new ConcurrentHashMap<>();
    private final List<Confirmed> confirmed = new ArrayList<>();

    /** A keep-alive that was answered: the session lives on. */
    private record Confirmed(SessionId session, long sentNanos, long answeredNanos) {}

    KeepAliveWatch(ClusterTransport cluster, LongSupplier nanoTime) {
        this.cluster = cluster;
        this.nanoTime = nanoTime;
    }

    /** The longest that a keep-alive took which was answered since then, in milliseconds; 0 if there was none. */
    synchronized long slowestMs(long sinceNanos) {
        long slowest = 0;
        for (Confirmed each : confirmed) {
            if (each.answeredNanos >= sinceNanos) {
                slowest = Math.max(slowest, each.answeredNanos - each.sentNanos);
            }
        }
        return TimeUnit.NANOSECONDS.toMillis(slowest);
    }

    /**
     * The longest silence since then, in milliseconds: from when a keep-alive was sent that was answered, for that is from when
     * its client counts the lease, to the next answer, or to now. A lease that is shorter is lost.
     */
    synchronized long silenceMs(long sinceNanos) {
        long longest = 0;
        for (int i = 1; i < confirmed.size(); i++) {
            Confirmed before = confirmed.get(i - 1);
            Confirmed each = confirmed.get(i);
            if (each.session.equals(before.session) && each.answeredNanos >= sinceNanos) {
                longest = Math.max(longest, each.answeredNanos - before.sentNanos);
            }
        }
        long latest = confirmed.isEmpty() ? sinceNanos : confirmed.get(confirmed.size() - 1).sentNanos;
        longest = Math.max(longest, nanoTime.getAsLong() - latest);
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    private synchronized void confirmed(SessionId session, long sentNanos) {
        confirmed.add(new Confirmed(session, sentNanos, nanoTime.getAsLong()));
    }

    @Override
    public int groups() {
        return cluster.groups();
    }

    @Override
    public CompletableFuture<Integer> findGroups() {
        return cluster.findGroups();
    }

    @Override
    public Transport group(int number) {
        return transports.computeIfAbsent(number, group -> new Watched(cluster.group(group)));
    }

    @Override
    public void close() {
        cluster.close();
    }

    private final class Watched implements Transport {
        private final Transport transport;

        Watched(Transport transport) {
            this.transport = transport;
        }

        @Override
        public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
            return transport.submit(batch);
        }

        @Override
        public CompletableFuture<Answer> query(Query query) {
            return transport.query(query);
        }

        @Override
        public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
            long sent = nanoTime.getAsLong();
            CompletableFuture<KeepAliveReply> reply = transport.keepAlive(session);
            var unused = reply.thenAccept(answer -> {
                if (answer instanceof KeepAliveReply.Alive) {
                    confirmed(session, sent);
                }
            });
            return reply;
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
            return transport.subscribe(session, afterNumber, sink);
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
