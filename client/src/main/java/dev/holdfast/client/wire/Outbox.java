package dev.holdfast.client.wire;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way out of one end of a stream, in order, from any number of threads. Nothing is sent before
 * {@link #open}, nor while the stream is not ready, that is, while the other end does not read; what waits is bounded.
 *
 * <p>No method blocks. At any time one thread at most is in the drain loop, and only it touches the stream; a thread that
 * comes while another is there leaves it its work.
 */
public final class Outbox<F extends MessageLite> {
    private final Queue<Item<F>> queue = new ConcurrentLinkedQueue<>();
    /** Bytes of frames that wait here, and of those that the stream took and has not yet passed on. */
    private final AtomicLong unsentBytes = new AtomicLong();

    private final AtomicLong unsentBytesOfAll;
    private final AtomicLong framesTaken = new AtomicLong();
    private final Runnable afterSending;
    private final AtomicInteger drainsWanted = new AtomicInteger();
    private final long queuedBytesMax;

    private volatile @Nullable CallStreamObserver<F> stream;
    private final AtomicReference<@Nullable Ending<F>> ending = new AtomicReference<>();
    private volatile boolean ended;
    private volatile boolean streamIsOver;

    /** Only the thread in the drain loop touches it. */
    private long bytesInStream;

    /** @param queuedBytesMax how many bytes may wait; a single frame may be larger */
    public Outbox(long queuedBytesMax) {
        this(queuedBytesMax, new AtomicLong(), () -> {});
    }

    /**
     * @param unsentBytesOfAll shared by several: what waits in any of them is added here too
     * @param afterSending called each time when what could be sent was sent, on whatever thread that was; must be quick
     */
    public Outbox(long queuedBytesMax, AtomicLong unsentBytesOfAll, Runnable afterSending) {
        this.queuedBytesMax = queuedBytesMax;
        this.unsentBytesOfAll = unsentBytesOfAll;
        this.afterSending = afterSending;
    }

    /** How much waits for the other end to read. */
    public long unsentBytes() {
        return unsentBytes.get();
    }

    /** How many frames the stream took so far: while this stands still and something waits, the other end does not read. */
    public long framesTaken() {
        return framesTaken.get();
    }

    /** Starts sending. The stream's on-ready handler must call {@link #drain}. */
    public void open(CallStreamObserver<F> readyStream) {
        stream = readyStream;
        drain();
    }

    /** As {@link #offer(MessageLite, BooleanSupplier)}, for a frame that is sent whatever happens. */
    public boolean offer(F frame) {
        return offer(frame, () -> true);
    }

    /**
     * Sends the frame after all that were offered before it.
     *
     * @param claim asked when the frame's turn comes; if it says no, the frame is dropped
     * @return false, and nothing is sent, if too much waits already
     */
    public boolean offer(F frame, BooleanSupplier claim) {
        int bytes = frame.getSerializedSize();
        long before = count(bytes);
        if (before > 0 && before + bytes > queuedBytesMax) {
            count(-bytes);
            return false;
        }
        queue.add(new Item<>(frame, bytes, claim));
        drain();
        return true;
    }

    /** Ends the stream once all that waits is sent, which is never if the other end does not read. */
    public void endWhenSent(Status status) {
        ending.compareAndSet(null, new Ending<>(null, status, false));
        drain();
    }

    /** Drops all that waits and ends the stream after one last frame, whether the other end reads or not. */
    public void endNow(@Nullable F last, Status status) {
        ending.set(new Ending<>(last, status, true));
        drain();
    }

    /** Drops all that waits and all that is yet to be offered. The stream has ended by itself. */
    public void discard() {
        ended = true;
        streamIsOver = true;
        drain();
    }

    /** Sends what can be sent now. */
    public void drain() {
        if (drainsWanted.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            sendWhatWaits();
            afterSending.run();
            seen = drainsWanted.addAndGet(-seen);
        } while (seen != 0);
    }

    private void sendWhatWaits() {
        CallStreamObserver<F> open = stream;
        if (open != null && !ended) {
            sendTo(open);
        }
        if (ended) {
            drop();
        }
        if (streamIsOver) {
            streamIsEmpty();
        }
    }

    private void sendTo(CallStreamObserver<F> open) {
        try {
            // Looked at before the queue: a frame that was offered before the end must be seen by whoever sees the end.
            boolean endWanted = ending.get() != null;
            boolean all = sendReady(open);
            Ending<F> end = ending.get();
            if (end != null && (end.now || (endWanted && all))) {
                ended = true;
                end(open, end);
            }
        } catch (IllegalStateException e) {
            // The stream ended at this moment; its observer hears of that.
            ended = true;
        }
    }

    /** Whether nothing is left. */
    private boolean sendReady(CallStreamObserver<F> open) {
        while (!endingNow() && !ended && open.isReady()) {
            streamIsEmpty();
            Item<F> item = queue.poll();
            if (item == null) {
                return true;
            }
            bytesInStream += item.bytes;
            framesTaken.incrementAndGet();
            if (item.claim.getAsBoolean()) {
                open.onNext(item.frame);
            }
        }
        return queue.isEmpty();
    }

    private boolean endingNow() {
        Ending<F> end = ending.get();
        return end != null && end.now;
    }

    private static <F extends MessageLite> void end(CallStreamObserver<F> open, Ending<F> end) {
        if (end.last != null) {
            open.onNext(end.last);
        }
        if (end.status.isOk()) {
            open.onCompleted();
        } else {
            open.onError(end.status.asRuntimeException());
        }
    }

    private void drop() {
        for (Item<F> item = queue.poll(); item != null; item = queue.poll()) {
            count(-item.bytes);
        }
    }

    /** A stream that is not ready still has, in buffers out of sight, most of the last frame that it was given. */
    private void streamIsEmpty() {
        count(-bytesInStream);
        bytesInStream = 0;
    }

    /** Returns what waited before. */
    private long count(long bytes) {
        unsentBytesOfAll.addAndGet(bytes);
        return unsentBytes.getAndAdd(bytes);
    }

    private record Item<F>(F frame, int bytes, BooleanSupplier claim) {}

    private record Ending<F>(@Nullable F last, Status status, boolean now) {}
}
