package dev.holdfast.node.leader;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TwoInFlight;
import dev.holdfast.client.wire.ClassPath;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.SizeBound;
import dev.holdfast.statemachine.Applied;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Coalesces the batches of all callers into log entries: while one is being made durable, the next fills up. A second entry
 * may be in flight beside the first once it is at least half as large, so that the log does not idle while answers travel
 * and callers come back; more would only make entries smaller. Batches enter the log in the order in which they came.
 *
 * <p>See {@code docs/adr/007-two-batches-in-flight.md}.
 */
final class GroupCommit {
    /** How many commands, and about how many bytes, may wait. Beyond that, callers are told that the peer is busy. */
    private static final int QUEUED_COMMANDS_MAX = 1 << 16;

    private static final long QUEUED_BYTES_MAX = 64L * 1024 * 1024;

    private static final int ENTRY_BYTES_MAX = Limits.BATCH_BYTES_MAX;

    private record Queued(
            SessionBatch batch, int commands, long bytes, long atNanos, CompletableFuture<SubmitReply> reply) {}

    /** @param proposed completes when the entry's system commands have taken effect, or fails if they may not have */
    private record Flight(Batch batch, List<Queued> members, CompletableFuture<Void> proposed, int commands) {}

    private final Function<Batch, CompletableFuture<Applied>> append;
    private final LongSupplier nanoTime;
    private final RoundMeter meter;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private final List<Command.SystemCommand> system = new ArrayList<>();
    private CompletableFuture<Void> proposed = new CompletableFuture<>();
    private int queuedCommands;
    private long queuedBytes;
    /** How many commands are in each entry in flight. */
    private final ArrayDeque<Integer> inFlight = new ArrayDeque<>();

    private boolean closed;

    /** What comes waits in the queue. */
    private boolean held;

    private final AtomicInteger launchesWanted = new AtomicInteger();

    /** One that measures nothing. */
    GroupCommit(Function<Batch, CompletableFuture<Applied>> append) {
        this(append, () -> 0, RoundMeter.NONE);
    }

    GroupCommit(Function<Batch, CompletableFuture<Applied>> append, LongSupplier nanoTime, RoundMeter meter) {
        this.append = append;
        this.nanoTime = nanoTime;
        this.meter = meter;
    }

    CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        int commands = batch.weight();
        if (commands > Limits.COMMANDS_PER_BATCH_MAX) {
            return failed(
                    TransportException.Kind.REFUSED,
                    "a batch of " + commands + " commands; at most " + Limits.COMMANDS_PER_BATCH_MAX + " are allowed");
        }
        long bytes = SizeBound.of(batch);
        if (bytes > ENTRY_BYTES_MAX) {
            return failed(
                    TransportException.Kind.REFUSED,
                    "a batch of up to " + bytes + " bytes; at most " + ENTRY_BYTES_MAX + " are allowed");
        }
        CompletableFuture<SubmitReply> reply = new CompletableFuture<>();
        lock.lock();
        try {
            if (closed) {
                return NotLeading.failed();
            }
            if (queuedCommands + commands > QUEUED_COMMANDS_MAX) {
                return failed(TransportException.Kind.BUSY, queuedCommands + " commands are waiting for the log");
            }
            if (queuedBytes + bytes > QUEUED_BYTES_MAX) {
                return failed(TransportException.Kind.BUSY, "about " + queuedBytes + " bytes are waiting for the log");
            }
            queue.add(new Queued(batch, commands, bytes, nanoTime.getAsLong(), reply));
            queuedBytes += bytes;
            queuedCommands += commands;
        } finally {
            lock.unlock();
        }
        launchNext();
        return reply;
    }

    /** Puts commands of the leader's own into the next entry. */
    CompletableFuture<Void> propose(List<? extends Command.SystemCommand> commands) {
        CompletableFuture<Void> result;
        lock.lock();
        try {
            if (closed) {
                return NotLeading.failed();
            }
            system.addAll(commands);
            result = proposed;
        } finally {
            lock.unlock();
        }
        launchNext();
        return result;
    }

    /** Nothing more enters the log until {@link #resume}; what comes waits. What is in flight is not affected. */
    void hold() {
        lock.lock();
        try {
            held = true;
        } finally {
            lock.unlock();
        }
    }

    void resume() {
        lock.lock();
        try {
            held = false;
        } finally {
            lock.unlock();
        }
        launchNext();
    }

    /** Fails what waits. What is in flight fails, or succeeds, with the log. */
    void close() {
        List<Queued> waiting;
        CompletableFuture<Void> proposal;
        lock.lock();
        try {
            closed = true;
            proposal = proposed;
            waiting = List.copyOf(queue);
            queue.clear();
            system.clear();
            queuedCommands = 0;
            queuedBytes = 0;
        } finally {
            lock.unlock();
        }
        TransportException cause = NotLeading.anyMore();
        proposal.completeExceptionally(cause);
        waiting.forEach(queued -> queued.reply.completeExceptionally(cause));
    }

    /** One thread at a time appends, so that entries enter the log in the order taken; others leave their work to it. */
    private void launchNext() {
        if (launchesWanted.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Flight flight = takeNext(); flight != null; flight = takeNext()) {
                launch(flight);
            }
            seen = launchesWanted.addAndGet(-seen);
        } while (seen != 0);
    }

    private void launch(Flight flight) {
        long now = nanoTime.getAsLong();
        appendSafely(flight.batch).whenComplete((applied, failure) -> {
            long took = nanoTime.getAsLong() - now;
            land(flight, applied, failure);
            flight.members.forEach(queued -> meter.answered(now - queued.atNanos, took));
        });
    }

    private boolean mayLaunch() {
        if (held || (queue.isEmpty() && system.isEmpty())) {
            return false;
        }
        int first = inFlight.isEmpty() ? 0 : inFlight.getFirst();
        return TwoInFlight.mayLeave(inFlight.size(), first, queuedCommands + system.size());
    }

    /** A log that throws must not leave the queue behind it stuck. */
    private CompletableFuture<Applied> appendSafely(Batch batch) {
        try {
            return append.apply(batch);
        } catch (RuntimeException e) {
            return failed(TransportException.Kind.OUTCOME_UNKNOWN, "the log did not take the entry: " + e);
        } catch (LinkageError e) {
            return failed(TransportException.Kind.OUTCOME_UNKNOWN, ClassPath.describe(e));
        }
    }

    private @Nullable Flight takeNext() {
        lock.lock();
        try {
            if (!mayLaunch()) {
                return null;
            }
            List<Queued> members = new ArrayList<>();
            int commands = system.size();
            long bytes = 0;
            for (Queued next = queue.peek(); next != null; next = queue.peek()) {
                boolean fits = commands + next.commands <= Limits.COMMANDS_PER_BATCH_MAX
                        && bytes + next.bytes <= ENTRY_BYTES_MAX;
                if (!members.isEmpty() && !fits) {
                    break;
                }
                queue.remove();
                members.add(next);
                commands += next.commands;
                bytes += next.bytes;
                queuedCommands -= next.commands;
                queuedBytes -= next.bytes;
            }
            Batch batch = new Batch(system, members.stream().map(Queued::batch).toList());
            system.clear();
            inFlight.add(commands);
            Flight flight = new Flight(batch, members, proposed, commands);
            proposed = new CompletableFuture<>();
            return flight;
        } finally {
            lock.unlock();
        }
    }

    private void land(Flight flight, @Nullable Applied applied, @Nullable Throwable failure) {
        lock.lock();
        try {
            inFlight.remove((Integer) flight.commands);
        } finally {
            lock.unlock();
        }
        // The next entry is on its way before anyone is told of this one.
        launchNext();
        if (failure == null) {
            flight.proposed.complete(null);
        } else {
            flight.proposed.completeExceptionally(failure);
        }
        for (int i = 0; i < flight.members.size(); i++) {
            CompletableFuture<SubmitReply> reply = flight.members.get(i).reply;
            if (applied != null) {
                reply.complete(applied.replies().get(i));
            } else {
                reply.completeExceptionally(failure);
            }
        }
    }

    private static <T> CompletableFuture<T> failed(TransportException.Kind kind, String message) {
        return CompletableFuture.failedFuture(new TransportException(kind, message));
    }
}
