package dev.holdfast.node.internal.ratis;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.AwaitToRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of Ratis's log that drops old segments from memory. A log that is closed (Ratis 3.3.0) waits for it to end
 * while it holds the log's write lock, for ever if the thread happens to want that lock, as it does after an election:
 * segments end with terms. So it is ended before.
 */
final class LogCacheEviction {
    private static final Logger LOG = LoggerFactory.getLogger(LogCacheEviction.class);

    private static final String FIELD = "cacheEviction";

    /** Ends it, for good. To be called, without any lock of the log, right before the log is closed. Blocks until it is over. */
    static void end(RaftLog log) {
        if (!(log instanceof SegmentedRaftLog)) {
            return;
        }
        try {
            Field field = SegmentedRaftLog.class.getDeclaredField(FIELD);
            field.setAccessible(true);
            ((AwaitToRun) field.get(log)).close();
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("the log's cache eviction cannot be ended before the log is", e);
        }
    }

    private LogCacheEviction() {}
}
