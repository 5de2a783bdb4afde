package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.RaftSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys.Log;
import org.apache.ratis.server.RaftServerConfigKeys.Rpc;
import org.apache.ratis.server.RaftServerConfigKeys.Snapshot;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * The settings under which Ratis runs here. Those that trade something say what.
 *
 * <p>See {@code docs/adr/005-ratis-settings.md}.
 */
final class RatisProperties {

    static RaftProperties properties(RaftSettings settings, Path storage, boolean alone) {
        RaftProperties properties = new RaftProperties();
        RaftConfigKeys.Rpc.setType(properties, new MembersRpc.Type());
        RaftServerConfigKeys.setStorageDir(properties, List.of(storage.toFile()));
        elections(settings, properties, alone);
        log(settings, properties);
        snapshots(properties);
        // Our own (session, sequence) suppresses duplicates; Ratis's cache would only keep replies alive.
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, TimeDuration.valueOf(1, TimeUnit.SECONDS));
        // A process that was suspended for long is only late: its clocks and its log are whole. So it goes on.
        RaftServerConfigKeys.setCloseThreshold(properties, TimeDuration.valueOf(7, TimeUnit.DAYS));
        return properties;
    }

    private static void elections(RaftSettings settings, RaftProperties properties, boolean alone) {
        Rpc.setTimeoutMin(properties, millis(settings.electionTimeoutMinMs()));
        Rpc.setTimeoutMax(properties, millis(settings.electionTimeoutMaxMs()));
        // Only at the start, when there is probably no leader; the pre-vote keeps a late starter from disturbing one.
        Rpc.setFirstElectionTimeoutMin(properties, millis(alone ? 1 : Math.min(150, settings.electionTimeoutMinMs())));
        Rpc.setFirstElectionTimeoutMax(properties, millis(alone ? 20 : Math.min(400, settings.electionTimeoutMaxMs())));
        Rpc.setRequestTimeout(properties, millis(1000));
        // A leader that did not hear of a majority leaves the next election to others for so long, and it is the pause
        // after which a leader gives up by itself. By default that is ten seconds, in which nobody leads if it alone
        // has all entries.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(
                properties, millis(settings.electionTimeoutMaxMs()));
        RaftServerConfigKeys.LeaderElection.setPreVote(properties, true);
    }

    private static void log(RaftSettings settings, RaftProperties properties) {
        // Without metadata entries an idle follower learns of the last commit with the next append or heartbeat only:
        // nothing here waits on a follower's apply. It saves one more fsync per peer and write.
        Log.setLogMetadataEnabled(properties, false);
        Log.Appender.setWaitTimeMin(properties, TimeDuration.ZERO);
        // Else an entry is handed to the log only when the one before is on disk. So it is handed over on the thread
        // that brought it, and that blocks while the log's queue is full.
        Log.setAppendEntriesComposeEnabled(properties, false);
        Log.Appender.setSnapshotChunkSizeMax(properties, SizeInBytes.valueOf("4MB"));
        // A batch has up to 3 MiB, and one entry must fit into each of these.
        Log.Appender.setBufferByteLimit(properties, SizeInBytes.valueOf("8MB"));
        Log.setWriteBufferSize(properties, SizeInBytes.valueOf("9MB"));
        // Ratis keeps the last segments in memory too, and by default up to 200 MB: objects by the million for the
        // collector to mark, for followers that are so far behind that they might as well be served from the disk.
        Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(settings.logSegmentBytes()));
        Log.setSegmentCacheNumMax(properties, 2);
        Log.setCorruptionPolicy(properties, Log.CorruptionPolicy.EXCEPTION);
        Log.setUnsafeFlushEnabled(properties, false);
        Log.setAsyncFlushEnabled(properties, false);
    }

    private static void snapshots(RaftProperties properties) {
        Snapshot.setAutoTriggerEnabled(properties, true);
        // It is asked for after each entry: SnapshotWriter decides, by entries and by bytes.
        Snapshot.setAutoTriggerThreshold(properties, 1);
        Snapshot.setTriggerWhenStopEnabled(properties, false);
        Snapshot.setRetentionFileNum(properties, 2);
        // Else one peer that is down would make the others keep their logs for as long. The writer says, too, how much
        // stays behind a snapshot.
        Log.setPurgeUptoSnapshotIndex(properties, true);
        Log.setPurgePreservationLogNum(properties, 0);
        Log.setPurgeGap(properties, 1);
    }

    private static TimeDuration millis(int millis) {
        return TimeDuration.valueOf(millis, TimeUnit.MILLISECONDS);
    }

    private RatisProperties() {}
}
