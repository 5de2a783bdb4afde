package dev.holdfast.node.internal.port;

import com.google.protobuf.UnsafeByteOperations;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.BackupReply;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a backup to a client as fast as the client reads it, on a thread of its own. A client that reads nothing for a while is given
 * up.
 */
final class BackupStream {
    private static final Logger LOG = LoggerFactory.getLogger(BackupStream.class);

    private final ServerCallStreamObserver<BackupReply> stream;
    private final Duration readTimeout;
    private final Runnable reset;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * Made while the call is set up.
     *
     * @param reset ends the call at once
     */
    BackupStream(ServerCallStreamObserver<BackupReply> stream, Duration readTimeout, Runnable reset) {
        this.stream = stream;
        this.readTimeout = readTimeout;
        this.reset = reset;
        stream.setOnReadyHandler(this::signal);
        stream.setOnCancelHandler(this::signal);
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the backup and sends it. Returns at once. */
    void start(BackupSource.Permission permission) {
        Thread thread = new Thread(() -> run(permission), "holdfast-backup");
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            LOG.warn("There is no thread for a backup", e);
            fail(Status.RESOURCE_EXHAUSTED.withDescription("this peer has no thread for a backup now"));
        }
    }

    /** Ends the call because the backup is not given. */
    void refuse(Throwable failure) {
        fail(status(TransportException.of(failure)));
    }

    private void run(BackupSource.Permission permission) {
        try (BackupSource.Taken taken = permission.take()) {
            if (send(taken)) {
                stream.onCompleted();
            }
        } catch (TransportException e) {
            fail(status(e));
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("A backup failed", e);
            fail(Status.INTERNAL.withDescription("the backup failed: " + e.getMessage()));
        }
    }

    private boolean send(BackupSource.Taken taken) throws IOException {
        if (!awaitReady()) {
            return false;
        }
        stream.onNext(BackupReply.newBuilder().setHead(taken.head()).build());
        for (byte[] piece = taken.next(); piece != null; piece = taken.next()) {
            if (!awaitReady()) {
                return false;
            }
            stream.onNext(BackupReply.newBuilder()
                    .setPiece(UnsafeByteOperations.unsafeWrap(piece))
                    .build());
        }
        return true;
    }

    /** Whether the client reads on. */
    private boolean awaitReady() {
        lock.lock();
        try {
            long nanos = readTimeout.toNanos();
            while (!stream.isReady() && !stream.isCancelled()) {
                if (nanos <= 0) {
                    reset.run();
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            return !stream.isCancelled();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } finally {
            lock.unlock();
        }
    }

    private void fail(Status status) {
        if (!stream.isCancelled()) {
            stream.onError(status.asRuntimeException());
        }
    }

    private static Status status(TransportException failure) {
        Status status = switch (failure.kind()) {
            case NO_LEADER -> Status.FAILED_PRECONDITION;
            case BUSY -> Status.RESOURCE_EXHAUSTED;
            case REFUSED -> Status.INVALID_ARGUMENT;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case UNREACHABLE, OUTCOME_UNKNOWN, CLOSED -> Status.UNAVAILABLE;
        };
        return status.withDescription(failure.getMessage());
    }
}
