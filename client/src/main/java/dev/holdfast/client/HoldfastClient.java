package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.info.LockableInfo;
import java.util.stream.Stream;

/**
 * One process's client of the lock cluster. Make one per process, and share it: all callers' requests are gathered into
 * batches, and one session keeps all its holds. All methods may be called from any thread.
 *
 * <p>The session is opened by the first operation that needs it, and renewed until the client is closed. If it is lost,
 * {@link SessionListener}s and the handles of the holds that it kept are told, and the next operation opens another.
 *
 * <p>If the cluster spreads its locks over several Raft groups, all this is so for each group by itself: a session in each
 * one that was used, which keeps the holds of that group's lockables, and may be lost while the others live.
 */
public interface HoldfastClient extends AutoCloseable {

    /** A lock that is not reentrant, without hooks. */
    HoldfastLock createLock();

    HoldfastLock createLock(LockOptions options);

    /**
     * A semaphore without hooks.
     *
     * @param max its size, 1 to {@link HoldfastSemaphore#PERMITS_MAX}
     * @throws LockRequestRejectedException if the size is out of range
     */
    HoldfastSemaphore createSemaphore(int max);

    HoldfastSemaphore createSemaphore(int max, LockOptions options);

    /** An owner that stands for this client: always the same here, and different from that of every other client. */
    LockOwner processOwner();

    /** Has the listener told of the session from now on. Closing what is returned ends that. */
    Registration onSession(SessionListener listener);

    /**
     * The lockables that are held or waited for and whose keys start so, in the order of their keys. Fetched page by page
     * as the stream is read, so each page is true of its own moment; reading blocks. Names the first 10 waiters of each.
     *
     * @param keyPrefix empty for all
     */
    Stream<LockableInfo> list(String keyPrefix);

    /** The open sessions, those of several groups one after the other, fetched page by page as {@link #list}. */
    Stream<ClientSessionInfo> sessions();

    ClientMetrics metrics();

    /**
     * Ends the client: fails what is under way, closes the session in the cluster, so that what it kept is free at once,
     * and closes the transport. Blocks for at most about 2 s, while the cluster is asked; if it does not answer, the
     * session lapses by itself. Holds with a TTL or until released stay in the cluster. Does nothing the second time.
     */
    @Override
    void close();

    /** Something that can be ended. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
