package dev.holdfast.node.internal.ratis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;
import org.apache.ratis.thirdparty.io.grpc.ManagedChannel;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyChannelBuilder;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ratis's appender, with a shorter way for what happens nearly always: a follower that has everything gets a new entry at
 * once, from the thread that appended it, where Ratis wakes a thread that sends, wakes it again for each reply and each
 * change of an index, and moves each reply through a pool.
 *
 * <pre>
 * RATIS -- the follower has all that was sent, and answered lately --------> EAGER
 * EAGER -- a reply that is no success, a break, no reply for a second -----> RATIS, from the last entry known to match
 * </pre>
 *
 * <p>In EAGER this class sends the entries, and Ratis's thread only the heartbeats. All that is difficult (a follower that
 * is behind, diverged, unreachable, or needs a snapshot) stays Ratis's.
 *
 * <p>Why it is safe: requests are made by Ratis ({@link LeaderState#newAppendEntriesRequestProto}, which refuses once the
 * term is over) from the leader's log, are the same as Ratis would send, and may be repeated and overtaken, as in Raft. An
 * entry counts as stored at the follower only by its successful reply. The next index is a hint in Raft; both sides keep to
 * one writer of it at a time all the same: only Ratis's thread enters EAGER, and only with none of its own entries in flight.
 *
 * <p>See {@code docs/adr/006-an-appender-of-our-own.md}.
 */
final class EagerLogAppender extends GrpcLogAppender implements AppendStream.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(EagerLogAppender.class);

    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int ENTRIES_PER_REQUEST_MAX = 64;
    private static final int BYTES_PER_REQUEST = 4 << 20;

    /** Guards what follows, and the next index while in EAGER. Ratis's own locks may be taken inside, not the other way. */
    private final ReentrantLock lock = new ReentrantLock();

    /** {@code null} in RATIS. Written under the lock. */
    private volatile @Nullable AppendStream stream;

    private @Nullable ManagedChannel channel;
    private long pausedSinceNanos = System.nanoTime() - PAUSE_NANOS;
    private boolean closed;
    private long callIds;

    EagerLogAppender(RaftServer.Division server, LeaderState leaderState, FollowerInfo follower) {
        super(server, leaderState, follower);
    }

    /** Something was appended, or an index changed, or a heartbeat is wanted. Any thread; must not throw, nor block. */
    @Override
    public void notifyLogAppender() {
        if (stream != null) {
            sendNew();
        }
        // Ratis would wake its thread each time; most of the time that would find nothing to do.
        if (shouldSendAppendEntries()) {
            super.notifyLogAppender();
        }
    }

    @Override
    public boolean shouldSendAppendEntries() {
        return stream == null ? super.shouldSendAppendEntries() : getHeartbeatWaitTimeMs() <= 0;
    }

    /** A heartbeat that tells the follower what came before must not overtake it. */
    @Override
    public boolean hasPendingDataRequests() {
        AppendStream current = stream;
        if (current == null) {
            return super.hasPendingDataRequests();
        }
        lock.lock();
        try {
            return !current.isAllAnswered() || super.hasPendingDataRequests();
        } finally {
            lock.unlock();
        }
    }

    /** Called by Ratis's thread alone. */
    @Override
    public @Nullable AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat)
            throws RaftLogIOException {
        if (!isEager()) {
            return super.newAppendEntriesRequest(callId, heartbeat);
        }
        sendNew();
        return heartbeat || getHeartbeatWaitTimeMs() <= 0 ? super.newAppendEntriesRequest(callId, true) : null;
    }

    private boolean isEager() {
        lock.lock();
        try {
            AppendStream current = stream;
            long now = System.nanoTime();
            if (current != null && current.silentNanos(now) > SILENCE_NANOS) {
                leave(current, "no reply");
            } else if (current == null && mayEnter(now)) {
                stream = new AppendStream(channel(), this);
            }
            return stream != null;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayEnter(long nowNanos) {
        FollowerInfo follower = getFollower();
        return !closed
                && nowNanos - pausedSinceNanos >= PAUSE_NANOS
                && isRunning()
                && follower.getMatchIndex() >= RaftLog.LEAST_VALID_LOG_INDEX
                && follower.getMatchIndex() + 1 == follower.getNextIndex()
                && follower.getLastRpcResponseTime().elapsedTimeMs() < TimeUnit.NANOSECONDS.toMillis(SILENCE_NANOS)
                && !getLeaderState().isFollowerBootstrapping(follower)
                && !super.hasPendingDataRequests();
    }

    private ManagedChannel channel() {
        ManagedChannel open = channel;
        if (open == null) {
            open = NettyChannelBuilder.forTarget(getFollower().getPeer().getAddress())
                    .usePlaintext()
                    .directExecutor()
                    .disableRetry()
                    .build();
            channel = open;
        }
        open.resetConnectBackoff();
        return open;
    }

    private void sendNew() {
        lock.lock();
        try {
            AppendStream current = stream;
            if (current == null || !isRunning()) {
                return;
            }
            try {
                while (current.mayTakeMore() && hasAppendEntries()) {
                    AppendEntriesRequestProto request = nextRequest();
                    current.send(request, System.nanoTime());
                    getFollower().updateNextIndex(lastIndex(request) + 1);
                    getFollower().updateLastRpcSendTime(false);
                }
            } catch (IOException | RuntimeException e) {
                // Such as a term that has just ended. Whoever appended must not be failed for it.
                leave(current, e.toString());
            }
        } finally {
            lock.unlock();
        }
    }

    private AppendEntriesRequestProto nextRequest() throws IOException {
        RaftLog log = getRaftLog();
        long first = getFollower().getNextIndex();
        TermIndex previous = getPrevious(first);
        if (previous == null) {
            throw new IOException("the entry before " + first + " is gone");
        }
        List<LogEntryProto> entries = new ArrayList<>(1);
        int bytes = 0;
        for (long index = first; index < log.getNextIndex(); index++) {
            LogEntryProto entry = log.get(index);
            if (entry == null) {
                throw new IOException("entry " + index + " is gone");
            }
            entries.add(entry);
            bytes += entry.getSerializedSize();
            if (entries.size() == ENTRIES_PER_REQUEST_MAX || bytes >= BYTES_PER_REQUEST) {
                break;
            }
        }
        return getLeaderState().newAppendEntriesRequestProto(getFollower(), entries, previous, ++callIds);
    }

    private static long lastIndex(AppendEntriesRequestProto request) {
        return request.getEntries(request.getEntriesCount() - 1).getIndex();
    }

    @Override
    public void onReply(AppendStream from, AppendEntriesReplyProto reply) {
        boolean success = reply.getResult() == AppendResult.SUCCESS;
        lock.lock();
        try {
            if (from != stream) {
                return;
            }
            from.answered();
            if (!success) {
                leave(from, reply.getResult().toString());
            }
        } finally {
            lock.unlock();
        }
        FollowerInfo follower = getFollower();
        follower.updateLastRpcResponseTime();
        if (success) {
            getLeaderState().onFollowerCommitIndex(follower, reply.getFollowerCommit());
            if (follower.updateMatchIndex(reply.getMatchIndex())) {
                getLeaderState().onFollowerSuccessAppendEntries(follower);
            }
        } else if (reply.getResult() == AppendResult.NOT_LEADER) {
            onFollowerTerm(reply.getTerm());
        }
        notifyLogAppender();
    }

    @Override
    public void onBroken(AppendStream from, Throwable cause) {
        lock.lock();
        try {
            if (from == stream) {
                leave(from, cause.toString());
            }
        } finally {
            lock.unlock();
        }
        notifyLogAppender();
    }

    private void leave(AppendStream current, String why) {
        LOG.debug("{} leaves the rest to Ratis: {}", this, why);
        stream = null;
        pausedSinceNanos = System.nanoTime();
        current.cancel();
        getFollower().setNextIndex(getFollower().getMatchIndex() + 1);
    }

    @Override
    public void run() throws IOException {
        try {
            super.run();
        } finally {
            close();
        }
    }

    @Override
    public CompletableFuture<LifeCycle.State> stopAsync() {
        close();
        return super.stopAsync();
    }

    private void close() {
        lock.lock();
        try {
            closed = true;
            AppendStream current = stream;
            if (current != null) {
                leave(current, "the term is over");
            }
            if (channel != null) {
                channel.shutdownNow();
            }
        } finally {
            lock.unlock();
        }
    }
}
