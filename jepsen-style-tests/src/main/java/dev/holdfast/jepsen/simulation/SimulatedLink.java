package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.time.Timers.Scheduled;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One client's connection to the cluster, over the simulated network. It stays with one peer until that one fails. */
final class SimulatedLink implements Transport {
    private static final long TIMEOUT = TimeUnit.MILLISECONDS.toNanos(700);
    private static final long HEARTBEAT = TimeUnit.MILLISECONDS.toNanos(500);

    private final SimulatedProcess process;
    private final SimulatedCluster cluster;
    private final SimulatedNetwork network;
    private final Scheduler scheduler;
    private final Random random;

    /** Nonces that a run can repeat, instead of random ones. */
    private final Map<Long, Long> nonces = new HashMap<>();

    private int peer;

    SimulatedLink(SimulatedProcess process, SimulatedCluster cluster, Random random) {
        this.process = process;
        this.cluster = cluster;
        this.network = cluster.network();
        this.scheduler = cluster.scheduler();
        this.random = random;
        this.peer = random.nextInt(cluster.size());
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        SessionBatch sent = batch.session().low() == 0 ? withRepeatableNonce(batch) : batch;
        return ask(door -> door.submit(sent));
    }

    private SessionBatch withRepeatableNonce(SessionBatch batch) {
        long nonce = nonces.computeIfAbsent(batch.session().high(), unused -> random.nextLong());
        return new SessionBatch(
                new SessionId(nonce, 0), batch.outcomesAcknowledged(), batch.eventsAcknowledged(), batch.commands());
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return ask(door -> door.query(query));
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return ask(door -> door.keepAlive(session));
    }

    /** Asks that peer, whoever is believed to lead. */
    CompletableFuture<Answer> queryAt(int asked, Query query) {
        return ask(asked, door -> door.query(query));
    }

    private <T> CompletableFuture<T> ask(Function<Transport, CompletableFuture<T>> request) {
        return ask(peer, request);
    }

    private <T> CompletableFuture<T> ask(int asked, Function<Transport, CompletableFuture<T>> request) {
        CompletableFuture<T> result = new CompletableFuture<>();
        SimulatedPeer target = cluster.peer(asked);
        SimulatedProcess there = target.process();
        Copies copies = new Copies();
        network.send(
                process,
                there,
                () -> request.apply(target.door()).whenComplete((reply, failure) -> {
                    if (copies.mayTell(failure)) {
                        there.run(() -> network.send(there, process, () -> complete(result, asked, reply, failure)));
                    }
                }));
        network.repeat(there, () -> {
            if (copies.mayDeliverAnother()) {
                request.apply(target.door()).whenComplete((reply, failure) -> {
                    if (failure == null) {
                        there.run(() -> network.send(there, process, () -> complete(result, asked, reply, null)));
                    }
                });
            }
        });
        if (there.isDead() && random.nextBoolean()) {
            fail(result, asked, TransportException.Kind.UNREACHABLE, "refused");
        }
        process.schedule(() -> fail(result, asked, TransportException.Kind.OUTCOME_UNKNOWN, "no answer"), TIMEOUT);
        return result;
    }

    /**
     * For a request that is delivered twice. "Nothing was done" is true of one copy only: so nothing is delivered after
     * it, and it is lost if another copy was delivered before.
     */
    private static final class Copies {
        private boolean refused;
        private boolean repeated;

        boolean mayTell(@Nullable Throwable failure) {
            boolean isRefusal =
                    failure != null && !TransportException.of(failure).maybeApplied();
            refused |= isRefusal;
            return !isRefusal || !repeated;
        }

        boolean mayDeliverAnother() {
            repeated |= !refused;
            return repeated;
        }
    }

    private <T> void complete(CompletableFuture<T> result, int asked, T reply, @Nullable Throwable failure) {
        if (failure == null) {
            result.complete(reply);
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        leave(asked);
        result.completeExceptionally(cause == null ? failure : cause);
    }

    private <T> void fail(CompletableFuture<T> result, int asked, TransportException.Kind kind, String why) {
        process.execute(() -> {
            if (!result.isDone()) {
                leave(asked);
                result.completeExceptionally(new TransportException(kind, why));
            }
        });
    }

    private void leave(int asked) {
        if (peer == asked) {
            peer = random.nextInt(cluster.size());
        }
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        Stream stream = new Stream(peer, sink);
        stream.open(session, afterNumber);
        return stream;
    }

    @Override
    public void close() {}

    /** What is sent over it arrives in order or, once anything was lost, not at all: then it breaks. */
    private final class Stream implements Subscription, EventSink {
        private final int asked;
        private final SimulatedProcess there;
        private final EventSink sink;
        private long lastArrivalNanos;
        private boolean lost;
        private boolean broken;
        private Scheduled heartbeat = () -> {};

        Stream(int asked, EventSink sink) {
            this.asked = asked;
            this.there = cluster.peer(asked).process();
            this.sink = sink;
        }

        void open(SessionId session, long afterNumber) {
            SimulatedPeer target = cluster.peer(asked);
            if (network.loses(process, there)) {
                loseTheRest();
            } else {
                scheduler.after(
                        network.latencyNanos(),
                        () -> there.run(() -> target.door().subscribe(session, afterNumber, this)));
            }
            listen();
        }

        private void loseTheRest() {
            lost = true;
            scheduler.after(TIMEOUT, () -> process.run(() -> breakOff("lost")));
        }

        private void listen() {
            heartbeat = process.schedule(
                    () -> {
                        if (there.isDead()) {
                            breakOff("the peer is gone");
                        } else if (!broken) {
                            listen();
                        }
                    },
                    HEARTBEAT);
        }

        private void sendBack(Runnable delivery) {
            if (broken || lost) {
                return;
            }
            if (network.loses(process, there)) {
                loseTheRest();
                return;
            }
            lastArrivalNanos = Math.max(lastArrivalNanos + 1, scheduler.nowNanos() + network.streamLatencyNanos());
            scheduler.after(
                    lastArrivalNanos - scheduler.nowNanos(),
                    () -> process.run(() -> {
                        if (!broken) {
                            delivery.run();
                        }
                    }));
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            there.run(() -> sendBack(() -> sink.onEvents(events)));
        }

        @Override
        public void onBroken(TransportException cause) {
            there.run(() -> sendBack(() -> breakOff("told so")));
        }

        private void breakOff(String why) {
            if (!broken) {
                broken = true;
                heartbeat.cancel();
                leave(asked);
                sink.onBroken(new TransportException(TransportException.Kind.UNREACHABLE, why));
            }
        }

        @Override
        public void close() {
            broken = true;
            heartbeat.cancel();
        }
    }
}
