package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.client.info.LockableInfo;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One process's client of the lock cluster. Create one per process and share it: it gathers the requests of all callers
 * into batches, and one session keeps all its holds. All methods may be called from any thread.
 *
 * <p>The session is opened by the first operation that needs it, and renewed until the client is closed. If it is lost,
 * {@link SessionListener}s and the handles of the holds that it kept are told, and the next operation opens another.
 *
 * <p>If the cluster spreads its locks over several Raft groups, this applies to each group separately: the client has a session
 * in each group that it used, which keeps the holds of that group's lockables and may be lost while the others live.
 */
public interface HoldfastClient extends AutoCloseable {

    /** A lock that is not reentrant, without hooks. */
    @CheckReturnValue
    HoldfastLock createLock();

    @CheckReturnValue
    HoldfastLock createLock(LockOptions options);

    /**
     * A semaphore without hooks.
     *
     * @param max its size, 1 to {@link HoldfastSemaphore#PERMITS_MAX}
     * @throws LockRequestRejectedException if the size is out of range
     */
    @CheckReturnValue
    HoldfastSemaphore createSemaphore(int max);

    @CheckReturnValue
    HoldfastSemaphore createSemaphore(int max, LockOptions options);

    /**
     * This process's part in an election, without a listener: for observers, and for candidates who ask
     * {@link Election#isLeader}. It does not stand before it is told to.
     */
    @CheckReturnValue
    Election createElection(Lockable lockable);

    /** As {@link #createElection(Lockable)}, with a listener that hears when this process is elected, and when it leads no more. */
    @CheckReturnValue
    Election createElection(Lockable lockable, ElectionListener listener);

    @CheckReturnValue
    Election createElection(Lockable lockable, ElectionOptions options, ElectionListener listener);

    /**
     * An owner that stands for this client: always the same here, and different from that of every other client. All threads
     * that acquire as this owner share its holds; to exclude each other, they acquire without naming an owner.
     */
    LockOwner processOwner();

    /**
     * This client's open sessions, one in each group that it used, by the ids that {@link ClientSessionInfo#id} and
     * {@link dev.holdfast.client.info.HoldInfo.SessionInfo#id} list: with them, what this client holds and waits for can be told from what
     * others do. Asks nobody. A session that was lost or closed is not among them.
     */
    Set<String> sessionIds();

    /** Reports the session's changes to the listener from now on, until the registration is closed. */
    Registration onSession(SessionListener listener);

    /**
     * The lockables that are held or waited for and whose keys start with the prefix, in the order of their keys. Pages are
     * fetched as the stream is read, so each page is true of its own moment; reading blocks. Lists the first 10 waiters of each.
     *
     * @param keyPrefix empty for all
     */
    Stream<LockableInfo> list(String keyPrefix);

    /** The open sessions, group by group, fetched page by page as with {@link #list}. */
    Stream<ClientSessionInfo> sessions();

    /**
     * As {@link #list(String)}, with another request timeout than the client's: it bounds the fetching of each page.
     *
     * @param requestTimeout positive, at most an hour
     * @throws LockRequestRejectedException if it is out of range
     */
    Stream<LockableInfo> list(String keyPrefix, Duration requestTimeout);

    /** As {@link #sessions()}, with another request timeout, as {@link #list(String, Duration)}. */
    Stream<ClientSessionInfo> sessions(Duration requestTimeout);

    /**
     * Ends a session, of whichever client, as if that had been silent for its lease: what only the session keeps is free, and what
     * it waits for is given up. The client hears of it when it next reaches the cluster, within a part of its lease, and may
     * carry on until then: only fencing tokens stop its writes. It opens another session when it next needs one. Blocks.
     *
     * @param id as listed: {@link ClientSessionInfo#id}
     * @return whether there was such a session
     * @throws LockRequestRejectedException if several sessions have that id, which is short; none is ended then
     */
    boolean closeSession(String id);

    /**
     * As {@link #closeSession(String)}, with another request timeout than the client's: it bounds the fetching of each page of
     * the list of sessions, and then the request.
     */
    boolean closeSession(String id, Duration requestTimeout);

    /**
     * The rules of who may do what, in the order of their subjects and prefixes. They count if the peers demand that clients prove
     * who they are. Blocks.
     */
    List<AccessRule> rules();

    /**
     * Has the rule hold, in place of the one for the same subject and prefix if there is one. Each peer goes by it as soon as it
     * has learned of it, which takes a moment. Blocks.
     *
     * @return false if there was that very rule already
     * @throws LockRequestRejectedException if it is not valid, or there are 1000
     * @throws dev.holdfast.client.errors.LockForbiddenException unless this client is an admin
     */
    boolean putRule(AccessRule rule);

    /**
     * Ends the rule, as {@link #putRule} begins it. Blocks.
     *
     * @param rule as it is listed, with the same role and binding
     * @return false if there was no such rule
     * @throws dev.holdfast.client.errors.LockForbiddenException unless this client is an admin
     */
    boolean removeRule(AccessRule rule);

    /**
     * Who took locks by force, ended sessions of others, and changed rules, oldest first as far as the peers' clocks agree. Each
     * Raft group keeps its last 1000 records. Fetched page by page as with {@link #list}.
     *
     * @throws dev.holdfast.client.errors.LockForbiddenException unless this client is an admin
     */
    Stream<AuditEntry> audit();

    /** As {@link #rules()}, with another request timeout, as {@link #list(String, Duration)}. */
    List<AccessRule> rules(Duration requestTimeout);

    /** As {@link #putRule(AccessRule)}, with another request timeout. */
    boolean putRule(AccessRule rule, Duration requestTimeout);

    /** As {@link #removeRule(AccessRule)}, with another request timeout. */
    boolean removeRule(AccessRule rule, Duration requestTimeout);

    /** As {@link #audit()}, with another request timeout: it bounds the fetching of each page. */
    Stream<AuditEntry> audit(Duration requestTimeout);

    ClientMetrics metrics();

    /**
     * Blocks until the cluster's leader has answered, in each of its groups, so that the first acquire need not wait for
     * connections to be made. The client connects without being asked too, when it is first used.
     *
     * @param timeout positive
     * @return false if that did not happen within the timeout
     * @throws InterruptedException if interrupted before or while waiting
     * @throws dev.holdfast.client.errors.LockRequestRejectedException if the peers refuse this client for good
     * @throws dev.holdfast.client.errors.LockClientClosedException if the client is or gets closed
     */
    @CheckReturnValue
    boolean awaitConnected(Duration timeout) throws InterruptedException;

    /**
     * Closes the client: fails what is under way, closes the session in the cluster, so that what it kept is free at once, and
     * closes the transport. Blocks for at most about 2 s; if the cluster does not answer in that time, the session lapses by
     * itself. Holds with a TTL, and those until released, stay in the cluster. Closing again does nothing.
     */
    @Override
    void close();

    /** A listener's registration. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
