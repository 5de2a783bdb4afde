package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.Fsync;
import dev.holdfast.node.internal.snapshot.SentSnapshot;
import dev.holdfast.node.internal.snapshot.SnapshotFile;
import dev.holdfast.node.internal.snapshot.SnapshotPolicy;
import dev.holdfast.node.internal.snapshot.SnapshotStore;
import dev.holdfast.node.internal.snapshot.SnapshotWriter;
import dev.holdfast.node.internal.storage.DurableNames;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.NewerSnapshotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.server.storage.RaftStorageDirectory;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.statemachine.impl.SingleFileSnapshotInfo;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds Ratis's log to the {@link Replica}, in order, and tells the listener what becomes of this peer. Ratis calls it from
 * several threads; the state changes only on the updater's.
 */
final class RatisStateMachine extends BaseStateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(RatisStateMachine.class);

    private static final long UPDATER_ENDS_WITHIN_S = 20;

    private final Replica replica;
    private final DecodedEntries decoded;
    private final GroupListener listener;
    private final Path group;
    private final DurableAppends appends = new DurableAppends();
    private final SnapshotStore snapshots = new SnapshotStore();
    private final SnapshotWriter writer;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Whether Ratis's updater is about to end, since a step failed. */
    private volatile boolean updaterEnds;

    /** Of the last entry that named the members, which a leader's first one does. A snapshot that is sent to a follower names them too. */
    private volatile long configurationTerm = -1;

    /** As they were logged last. */
    private volatile String members = "";

    private volatile @Nullable RaftStorageDirectory folder;

    private volatile @Nullable RaftServer server;

    /** Whether a snapshot that was sent takes its place, and that is not on the disk for certain. */
    private volatile boolean installing;

    /** Of the log's files; there once it is initialized, before Ratis writes to it. */
    private volatile @Nullable DurableNames names;

    /** @param group the folder in which Ratis keeps the group */
    RatisStateMachine(
            Replica replica, DecodedEntries decoded, GroupListener listener, SnapshotPolicy policy, Path group) {
        this.group = group;
        this.replica = replica;
        this.decoded = decoded;
        this.listener = listener;
        this.writer = new SnapshotWriter(replica, snapshots, policy, System::nanoTime, listener::snapshotWritten);
    }

    /** What this member answers to those who send it entries of the group. */
    static DurableAppends appends(RaftServer server, RaftGroupId group) throws IOException {
        return ((RatisStateMachine) server.getDivision(group).getStateMachine()).appends;
    }

    @Override
    public void initialize(RaftServer raftServer, RaftGroupId groupId, RaftStorage storage) throws IOException {
        super.initialize(raftServer, groupId, storage);
        folder = storage.getStorageDir();
        server = raftServer;
        names = new DurableNames(folder().getCurrentDir().toPath(), Fsync::folder, System::nanoTime);
        Fsync.folder(group);
        Fsync.folder(Objects.requireNonNull(group.getParent()));
        snapshots.init(storage);
        getLifeCycle().startAndTransition(() -> load(snapshots.getLatestSnapshot()), IOException.class);
    }

    /** A snapshot was sent and is about to be installed; nothing may be written over it. */
    @Override
    public void pause() {
        try {
            SentSnapshot.sync(folder().getTmpDir().toPath());
            installing = true;
            getLifeCycle().transition(LifeCycle.State.PAUSING);
            writer.abort();
            getLifeCycle().transition(LifeCycle.State.PAUSED);
        } catch (IOException e) {
            listener.failed(e);
            throw new UncheckedIOException("the snapshot that was sent cannot be written", e);
        } catch (Throwable e) {
            listener.failed(e);
            throw e;
        }
    }

    private interface Step<T, X extends Exception> {
        T take() throws X;
    }

    /**
     * Takes a step that Ratis's updater asked for. After one that fails, with whatever, the updater closes its part in the
     * group, and tells nobody.
     */
    private <T, X extends Exception> T orFail(Step<T, X> step) throws X {
        try {
            return step.take();
        } catch (Throwable e) {
            updaterEnds = true;
            listener.failed(e);
            throw e;
        }
    }

    /**
     * Blocks until Ratis has closed it, if it is about to do so by itself. To be called before the server is closed. Otherwise
     * whoever closes the server waits for the updater, and the updater for an entry that it will not apply: both for ever.
     */
    void awaitEndOfUpdater() {
        if (updaterEnds) {
            try {
                var unused = closed.await(UPDATER_ENDS_WITHIN_S, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void reinitialize() throws IOException {
        orFail(() -> {
            Fsync.folder(folder().getRoot().toPath());
            installing = false;
            SingleFileSnapshotInfo installed = snapshots.loadLatestSnapshot();
            load(installed);
            getLifeCycle().transition(LifeCycle.State.STARTING);
            getLifeCycle().transition(LifeCycle.State.RUNNING);
            if (installed != null) {
                listener.snapshotInstalled(installed.getIndex());
            }
            return true;
        });
    }

    private RaftStorageDirectory folder() {
        return Objects.requireNonNull(folder);
    }

    private void load(@Nullable SingleFileSnapshotInfo snapshot) throws IOException {
        if (snapshot == null) {
            return;
        }
        LockMachine machine;
        try {
            machine = SnapshotFile.read(snapshot.getFile().getPath());
        } catch (NewerSnapshotException e) {
            throw new IOException(
                    "snapshot " + snapshot.getFile().getPath() + " was written by a newer release: " + e.getMessage(),
                    e);
        } catch (CorruptSnapshotException e) {
            throw new IOException(
                    "snapshot " + snapshot.getFile().getPath() + " cannot be read: " + e.getMessage()
                            + ". Restore the file, or empty the data folder, all of it, and let this peer take its own"
                            + " place: 'holdfast members replace'",
                    e);
        }
        replica.replace(machine);
        writer.restartFrom(snapshot.getIndex(), snapshot.getFile().getFileSize());
        setLastAppliedTermIndex(snapshot.getTermIndex());
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    /** How large the entries are that were applied last, on average; 0 if there were none. */
    long entryBytes() {
        return writer.entryBytes();
    }

    /** Ratis asks after each entry; the writer knows when one is due. */
    @Override
    public long takeSnapshot() {
        return orFail(() -> writer.takeSnapshot(getLastAppliedTermIndex()));
    }

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        if (!(request.getMessage() instanceof EntryMessage message)) {
            // None of ours; nobody else can ask.
            TransactionContext refused = TransactionContext.newBuilder()
                    .setStateMachine(this)
                    .setClientRequest(request)
                    .setLogData(ByteString.EMPTY)
                    .build();
            refused.setException(new IOException("requests are taken on the client port only"));
            return refused;
        }
        return TransactionContext.newBuilder()
                .setStateMachine(this)
                .setClientRequest(request)
                .setLogData(message.getContent())
                .build();
    }

    @Override
    public TransactionContext applyTransactionSerial(TransactionContext transaction) {
        return orFail(() -> {
            apply(transaction);
            return transaction;
        });
    }

    private void apply(TransactionContext transaction) {
        LogEntryProto proto = transaction.getLogEntry();
        try {
            ByteString data = proto.getStateMachineLogEntry().getLogData();
            LogEntry known = decoded.take(proto.getIndex(), data);
            LogEntry entry = (known == null ? LogEntry.decode(data.toByteArray()) : known).in(proto.getTerm());
            Applied applied = replica.apply(proto.getIndex(), entry.stampMs(), entry.batch());
            transaction.setStateMachineContext(applied);
        } catch (MalformedMessageException | RuntimeException | LinkageError e) {
            // Skipping it would make this peer diverge from the others.
            throw new IllegalStateException("log entry " + proto.getIndex() + " cannot be applied", e);
        }
        updateLastAppliedTermIndex(proto.getTerm(), proto.getIndex());
        writer.applied(proto.getIndex(), proto.getSerializedSize());
    }

    /**
     * Ratis is about to sync the segment that it writes to, which may be a new one. It may also be the first behind a snapshot that was
     * just put into its place, which the log goes on from.
     */
    @Override
    public CompletableFuture<Void> flush(long index) {
        try {
            Objects.requireNonNull(names).sync();
            if (installing) {
                Fsync.folder(folder().getRoot().toPath());
            }
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        boolean submittedHere = transaction.getServerRole() == RaftPeerRole.LEADER;
        return CompletableFuture.completedFuture(
                submittedHere ? new AppliedMessage((Applied) transaction.getStateMachineContext()) : Message.EMPTY);
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        replica.skipTo(index);
        updateLastAppliedTermIndex(term, index);
    }

    /** Every term begins with the list of members; only a change of it is worth a line. */
    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        configurationTerm = term;
        orFail(() -> {
            ConfigurationCopy.write(group, term, index, configuration);
            listener.configured(RaftPeers.toMemberSet(configuration));
            return true;
        });
        String now = Stream.of(configuration.getPeersList(), configuration.getListenersList())
                .flatMap(List::stream)
                .map(peer -> peer.getId().toStringUtf8() + " at " + peer.getAddress())
                .sorted()
                .collect(Collectors.joining(", "));
        if (!now.equals(members)) {
            LOG.info("Members of group {} from entry {} on: {}", getGroupId().getUuid(), index, now);
            members = now;
        }
    }

    /**
     * Ratis has just told of the configuration in this leader's first entry. The term is that entry's: the one in which this
     * peer is now may be later.
     */
    @Override
    public void notifyLeaderReady() {
        orFail(() -> {
            listener.leaderReady(configurationTerm);
            return true;
        });
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pendingEntries) {
        listener.notLeader();
    }

    /** Ratis closes the log next, and waits for a thread that waits for the log. So that one is ended first. */
    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
        listener.failed(cause);
        RaftServer built = server;
        if (built != null) {
            try {
                LogCacheEviction.end(built.getDivision(getGroupId()).getRaftLog());
            } catch (IOException | IllegalStateException e) {
                LOG.debug("the log of group {} is closed already", getGroupId().getUuid(), e);
            }
        }
    }

    @Override
    public CompletableFuture<Message> query(Message request) {
        return CompletableFuture.failedFuture(new IOException("queries are answered on the client port only"));
    }

    /** Ratis closes it when its part in the group ends, for whatever reason. */
    @Override
    public void close() {
        closed.countDown();
        listener.ended(new IllegalStateException("Ratis has ended this peer's part in group " + getGroupId()));
        writer.close();
        LOG.debug("closed at {}", getLastAppliedTermIndex());
    }
}
