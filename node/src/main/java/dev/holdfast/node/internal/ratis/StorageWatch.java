package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.storage.Acknowledged;
import dev.holdfast.node.internal.storage.FreeSpace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the data folder of a running peer, once a second: notes how far each log reaches, and stops the peer before the
 * disk is quite full.
 */
final class StorageWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StorageWatch.class);
    private static final long PERIOD_MS = 1000;

    private final FreeSpace space;
    private final List<Mark> marks;
    private final GroupListener listener;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** How far a group's log reaches. */
    static final class Mark {
        private final Acknowledged file;
        private final LongSupplier index;
        private long before = -1;

        /** @param index up to which the log is committed and on the disk, or -1 */
        Mark(Path group, LongSupplier index) throws IOException {
            this.file = new Acknowledged(group);
            this.index = index;
            var unused = file.read();
        }

        /** Writes what was so a second ago and still is: while Ratis cuts a log back, its indexes are not of one time. */
        void write() throws IOException {
            long now = index.getAsLong();
            file.write(Math.min(before, now));
            before = now;
        }
    }

    /** @param listener hears when the disk is full */
    StorageWatch(FreeSpace space, List<Mark> marks, GroupListener listener) {
        this.space = space;
        this.marks = List.copyOf(marks);
        this.listener = listener;
    }

    void start() {
        Thread thread = new Thread(this::run, "holdfast-storage");
        thread.setDaemon(true);
        thread.start();
    }

    /** What was left of the disk about a second ago. */
    OptionalLong freeBytes() {
        return space.latestBytes();
    }

    private void run() {
        try {
            while (!closed.await(PERIOD_MS, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            LOG.debug("nobody interrupts this thread", e);
        } catch (RuntimeException | Error e) {
            // Without these looks a full disk would not be noticed in time.
            listener.failed(e);
        }
    }

    private void look() {
        for (Mark mark : marks) {
            try {
                mark.write();
            } catch (IOException | RuntimeException e) {
                LOG.debug("it is not noted how far the log reaches", e);
            }
        }
        try {
            space.checkWhileRunning();
        } catch (IOException e) {
            listener.failed(e);
            close();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
