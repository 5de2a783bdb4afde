package dev.holdfast.node.internal.ratis;

import java.lang.reflect.Field;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.util.AwaitToRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of Ratis's log that drops old segments from memory. When Ratis 3.3.0 closes a log, it waits for this thread
 * while holding the log's write lock: forever, if the thread happens to want that lock, as it does after an election, since
 * segments end with terms. So it is ended first.
 */
final class LogCacheEviction {
    private static final Logger LOG = LoggerFactory.getLogger(LogCacheEviction.class);

    private static final String FIELD = "cacheEviction";

    /** Ends the thread for good, and waits until it has ended. Called right before the log is closed, holding none of its locks. */
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
