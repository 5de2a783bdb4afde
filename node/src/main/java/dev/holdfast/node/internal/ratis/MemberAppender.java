package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Lane;
import dev.holdfast.node.internal.transport.Link;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.internal.transport.RefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppenderBase;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.Timestamp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a leader's entries to one follower.
 *
 * <pre>
 * SEARCHING -- a request with entries succeeded: the logs match up to there ----------&gt; STREAMING
 * STREAMING -- a reply that is no success, a break, no sign of life for a second -----&gt; SEARCHING, from the last that matches
 * </pre>
 *
 * <p>While it streams, an entry leaves on the thread that appended it, and several requests may be unanswered. While it
 * searches, there is one at a time, sent by Ratis's thread, which also sends the heartbeats, and snapshots to a follower that
 * is behind the log.
 *
 * <p>Why it is safe: requests are made by Ratis ({@link LeaderState#newAppendEntriesRequestProto}, which refuses once the term
 * is over) from the leader's log, and may be repeated and overtaken, as in Raft. An entry counts as stored at the follower
 * only by the successful reply to a request that had it; never by that to a heartbeat. The next index is a hint in Raft.
 *
 * <p>See {@code docs/adr/006-an-appender-of-our-own.md}.
 */
final class MemberAppender extends LogAppenderBase {
    private static final Logger LOG = LoggerFactory.getLogger(MemberAppender.class);

    private static final long SILENCE_MS = 1000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long SNAPSHOT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * Heartbeats tell whether the follower is alive, so this is only for an answer that never comes; nothing else is sent while it searches. A
     * disk may take that long, too, and then it is asked again for what it has in memory already.
     */
    private static final long REQUEST_TIMEOUT_MS = TimeUnit.SECONDS.toMillis(30);

    private static final long PIECE_TIMEOUT_MS = TimeUnit.MINUTES.toMillis(2);
    private static final int UNANSWERED_MAX = 16;
    private static final int ENTRIES_PER_REQUEST_MAX = 64;
    private static final int BYTES_PER_REQUEST = 4 << 20;

    private final Members members;
    private final AtomicLong callIds = new AtomicLong();

    /**
     * Guards what follows, and the next index. Ratis takes it while it holds its own lock of the division, as when it appends an entry or
     * steps down. So nothing that takes that lock may be done inside.
     */
    private final ReentrantLock lock = new ReentrantLock();

    /** An answer may be there as soon as the question is asked, and the thread that asks holds the lock: then Ratis's thread takes it. */
    private final AfterLock afterLock = new AfterLock(lock, super::notifyLogAppender);

    /** Whether the follower's log is known to match up to what was sent. Written under the lock. */
    private volatile boolean streaming;

    /** The requests with entries that were not answered, since it last began to search: the index of the first entry, by call id. */
    private final Map<Long, Long> unanswered = new HashMap<>();

    private long pausedUntilNanos = System.nanoTime();
    private boolean closed;

    MemberAppender(RaftServer.Division server, LeaderState leaderState, FollowerInfo follower, Members members) {
        super(server, leaderState, follower);
        this.members = members;
    }

    @Override
    public long getCallId() {
        // Of the next request.
        return callIds.get();
    }

    @Override
    public Comparator<Long> getCallIdComparator() {
        return Comparator.naturalOrder();
    }

    /** Something was appended, or an index changed, or a heartbeat is wanted. Any thread; must not throw, nor block. */
    @Override
    public void notifyLogAppender() {
        if (streaming) {
            sendNew();
            // Else Ratis's thread would be woken each time, and most of the time find nothing to do.
            if (getHeartbeatWaitTimeMs() > 0) {
                return;
            }
        }
        super.notifyLogAppender();
    }

    /** A heartbeat that tells the follower what came before must not overtake it. */
    @Override
    public boolean hasPendingDataRequests() {
        lock.lock();
        try {
            return !unanswered.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() throws InterruptedException, IOException {
        try {
            while (isRunning()) {
                long waitMs = step();
                getLeaderState().checkHealth(getFollower());
                if (waitMs > 0) {
                    getEventAwaitForSignal().await(waitMs, TimeUnit.MILLISECONDS);
                }
            }
        } finally {
            close();
        }
    }

    /** Does what is due; Ratis's thread. Returns for how long there is nothing to do, unless it is told. */
    private long step() throws IOException, InterruptedException {
        afterLock.runHeld();
        Link link = link(Lane.ENTRIES);
        // Heartbeats are answered at once, whatever the disk does.
        if (link.silentMs() > Math.max(SILENCE_MS, 2L * getServer().properties().minRpcTimeoutMs())) {
            link.reset("member " + getFollowerId() + " gives no sign of life");
        }
        if (getHeartbeatWaitTimeMs() <= 0) {
            sendHeartbeat();
        }
        if (!streaming && mayAsk()) {
            boolean isBehind = hasAppendEntries() || getLeaderState().isFollowerBootstrapping(getFollower());
            SnapshotInfo snapshot = isBehind ? shouldInstallSnapshot() : null;
            if (snapshot != null) {
                send(snapshot);
            } else {
                sendNew();
            }
        }
        return Math.max(1, Math.min(getHeartbeatWaitTimeMs(), waitMs()));
    }

    private Link link(Lane lane) throws RefusedException {
        return members.link(getFollowerId().toString(), lane);
    }

    /** Whether another request may leave. While it searches: if none is unanswered, and the last failure is some time ago. */
    private boolean mayAsk() {
        lock.lock();
        try {
            return streaming
                    ? unanswered.size() < UNANSWERED_MAX
                    : unanswered.isEmpty() && System.nanoTime() - pausedUntilNanos >= 0;
        } finally {
            lock.unlock();
        }
    }

    private long waitMs() {
        lock.lock();
        try {
            long paused = TimeUnit.NANOSECONDS.toMillis(pausedUntilNanos - System.nanoTime());
            return streaming || !hasAppendEntries() || paused <= 0 ? Long.MAX_VALUE : paused + 1;
        } finally {
            lock.unlock();
        }
    }

    private void sendHeartbeat() throws IOException {
        lock.lock();
        try {
            AppendEntriesRequestProto request = newAppendEntriesRequest(callIds.getAndIncrement(), true);
            if (request != null) {
                resetHeartbeatTrigger();
                getFollower().updateLastRpcSendTime(true);
                ask(request);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends what is new: all that may be unanswered while it streams, else one request. */
    private void sendNew() {
        lock.lock();
        try {
            try {
                while (mayAsk() && !closed && isRunning() && hasAppendEntries()) {
                    AppendEntriesRequestProto request = nextRequest();
                    unanswered.put(
                            request.getServerRequest().getCallId(),
                            request.getEntries(0).getIndex());
                    getFollower().updateNextIndex(lastIndex(request) + 1);
                    getFollower().updateLastRpcSendTime(false);
                    ask(request);
                }
            } catch (IOException | RuntimeException e) {
                // Such as a term that has just ended. Whoever appended must not be failed for it.
                search(e.toString());
            }
        } finally {
            lock.unlock();
        }
    }

    private AppendEntriesRequestProto nextRequest() throws IOException {
        RaftLog log = getRaftLog();
        long first = getFollower().getNextIndex();
        TermIndex previous = getPrevious(first);
        if (previous == null && first > RaftLog.LEAST_VALID_LOG_INDEX) {
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
        return getLeaderState()
                .newAppendEntriesRequestProto(getFollower(), entries, previous, callIds.getAndIncrement());
    }

    private static long lastIndex(AppendEntriesRequestProto request) {
        return request.getEntries(request.getEntriesCount() - 1).getIndex();
    }

    private void ask(AppendEntriesRequestProto request) throws RefusedException {
        Timestamp sent = Timestamp.currentTime();
        long callId = request.getServerRequest().getCallId();
        long first = request.getEntriesCount() == 0
                ? RaftLog.INVALID_LOG_INDEX
                : request.getEntries(0).getIndex();
        link(Lane.ENTRIES)
                .ask(FrameKind.APPEND, request.toByteArray(), REQUEST_TIMEOUT_MS)
                .whenComplete((body, failure) -> {
                    if (failure == null) {
                        afterLock.run(() -> answered(body, callId, first, sent));
                    } else {
                        failed(callId, failure);
                    }
                });
    }

    private void answered(byte[] body, long callId, long first, Timestamp sent) {
        try {
            answered(AppendEntriesReplyProto.parseFrom(body), callId, first, sent);
        } catch (IOException | RuntimeException e) {
            failed(callId, e);
        }
    }

    private void failed(long callId, Throwable failure) {
        lock.lock();
        try {
            if (unanswered.containsKey(callId)) {
                search(String.valueOf(failure));
            }
        } finally {
            lock.unlock();
        }
    }

    private void answered(AppendEntriesReplyProto reply, long callId, long first, Timestamp sent) {
        FollowerInfo follower = getFollower();
        follower.updateLastRpcResponseTime();
        follower.updateLastRespondedAppendEntriesSendTime(sent);
        lock.lock();
        try {
            boolean expected = unanswered.remove(callId) != null;
            switch (reply.getResult()) {
                case SUCCESS -> streaming |= expected && !getLeaderState().isFollowerBootstrapping(follower);
                case INCONSISTENCY -> {
                    if (expected || first == RaftLog.INVALID_LOG_INDEX) {
                        searchFrom(getNextIndexForInconsistency(first, reply.getNextIndex()), first);
                    }
                }
                case NOT_LEADER, UNRECOGNIZED -> search(reply.getResult().toString());
            }
        } finally {
            lock.unlock();
        }
        if (reply.getResult() == AppendResult.SUCCESS) {
            getLeaderState().onFollowerCommitIndex(follower, reply.getFollowerCommit());
            if (follower.updateMatchIndex(reply.getMatchIndex())) {
                getLeaderState().onFollowerSuccessAppendEntries(follower);
            }
        } else if (reply.getResult() == AppendResult.NOT_LEADER && onFollowerTerm(reply.getTerm())) {
            return;
        }
        getLeaderState().onAppendEntriesReply(this, reply);
        notifyLogAppender();
    }

    /**
     * What was not answered is sent again. A failure says nothing of the follower's log: where nothing is known to match yet, to go
     * back further would look as if it needed a snapshot. One that ends before the follower's own log does would harm it.
     */
    private void search(String why) {
        LOG.debug("{} searches: {}", this, why);
        streaming = false;
        pausedUntilNanos = System.nanoTime() + PAUSE_NANOS;
        if (!unanswered.isEmpty()) {
            getFollower()
                    .setNextIndex(Math.max(getFollower().getMatchIndex() + 1, Collections.min(unanswered.values())));
            unanswered.clear();
        }
        super.notifyLogAppender();
    }

    /** The follower says where to go on. If that is where it just was, there is no hurry. */
    private void searchFrom(long next, long tried) {
        search("the logs do not match");
        getFollower().setNextIndex(next);
        if (next != tried) {
            pausedUntilNanos = System.nanoTime();
        }
    }

    /** Sends the snapshot piece by piece, each after the one before is written there. Blocks. */
    private void send(SnapshotInfo snapshot) throws IOException {
        InstallSnapshotReplyProto reply = null;
        try {
            for (InstallSnapshotRequestProto piece :
                    newInstallSnapshotRequests(UUID.randomUUID().toString(), snapshot)) {
                if (!isRunning()) {
                    return;
                }
                getFollower().updateLastRpcSendTime(false);
                CompletableFuture<byte[]> written =
                        link(Lane.SNAPSHOTS).ask(FrameKind.SNAPSHOT_PIECE, piece.toByteArray(), PIECE_TIMEOUT_MS);
                reply = InstallSnapshotReplyProto.parseFrom(MembersRpc.await(written));
                getFollower().updateLastRpcResponseTime();
                if (reply.getResult() != InstallSnapshotResult.SUCCESS) {
                    break;
                }
            }
        } catch (IOException | IllegalStateException e) {
            LOG.debug("{}: snapshot {} could not be sent, and is sent again", this, snapshot, e);
            pause();
            return;
        }
        if (reply != null) {
            sent(snapshot, reply);
        }
    }

    private void sent(SnapshotInfo snapshot, InstallSnapshotReplyProto reply) {
        FollowerInfo follower = getFollower();
        switch (reply.getResult()) {
            case SUCCESS, ALREADY_INSTALLED -> {
                LOG.info("Snapshot {} was sent to {}", snapshot, getFollowerId());
                follower.setSnapshotIndex(snapshot.getTermIndex().getIndex());
                follower.setAttemptedToInstallSnapshot();
                getLeaderState()
                        .onFollowerCommitIndex(follower, snapshot.getTermIndex().getIndex());
                getServer().getRaftServerMetrics().onSnapshotInstalled();
            }
            case NOT_LEADER -> onFollowerTerm(reply.getTerm());
            default -> pause();
        }
    }

    private void pause() {
        lock.lock();
        try {
            pausedUntilNanos = System.nanoTime() + SNAPSHOT_PAUSE_NANOS;
        } finally {
            lock.unlock();
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
            streaming = false;
        } finally {
            lock.unlock();
        }
    }
}
