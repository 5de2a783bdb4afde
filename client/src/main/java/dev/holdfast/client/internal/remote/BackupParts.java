package dev.holdfast.client.internal.remote;

import dev.holdfast.client.v1.BackupReply;
import dev.holdfast.client.v1.BackupRequest;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The parts of a backup as they come: no more than two wait here, whatever the peer would send. */
public final class BackupParts implements ClientResponseObserver<BackupRequest, BackupReply> {
    private static final int AHEAD = 2;

    /** With room for the end, which is not asked for. */
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(AHEAD + 1);

    private @Nullable ClientCallStreamObserver<BackupRequest> call;

    /** A part, a failure, or if both are {@code null} the end. */
    private record Event(
            @Nullable BackupReply part, @Nullable Throwable failure) {}

    @Override
    public void beforeStart(ClientCallStreamObserver<BackupRequest> started) {
        call = started;
        started.disableAutoRequestWithInitial(AHEAD);
    }

    @Override
    public void onNext(BackupReply part) {
        events.add(new Event(part, null));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(null, failure));
    }

    @Override
    public void onCompleted() {
        events.add(new Event(null, null));
    }

    /**
     * The next part; {@code null} behind the last. Called by one thread, after the call was started.
     *
     * @throws io.grpc.StatusRuntimeException if the call failed, or nothing came in that time
     */
    public @Nullable BackupReply next(Duration timeout) {
        ClientCallStreamObserver<BackupRequest> started = call;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        Event event;
        try {
            event = events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ended(started, Status.CANCELLED.withDescription("interrupted"));
        }
        if (event == null) {
            throw ended(
                    started,
                    Status.DEADLINE_EXCEEDED.withDescription("nothing came within " + timeout.toMillis() + " ms"));
        }
        if (event.failure != null) {
            throw Status.fromThrowable(event.failure).asRuntimeException();
        }
        if (event.part != null) {
            started.request(1);
        }
        return event.part;
    }

    private static RuntimeException ended(ClientCallStreamObserver<BackupRequest> started, Status why) {
        started.cancel(String.valueOf(why.getDescription()), null);
        return why.asRuntimeException();
    }
}
