package dev.holdfast.client.election;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastClient.Registration;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockUnavailableException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * One process's part in an election: as a candidate, once it {@linkplain #stand stands}, as an observer, or both. Created by
 * {@link HoldfastClient#createElection}. Any thread may call any method.
 *
 * <pre>{@code
 * Election election = client.createElection(lockable, term -> importer.run(term));
 * election.stand();
 * }</pre>
 *
 * <p><b>What it is.</b> The leader is whoever holds the lock on the lockable, with a lease that lasts while its client lives. All
 * that is said of locks applies: the queue is first come, first served, and the term's number is the hold's fencing token. So do
 * not use the same lockable for a lock of your own: whoever locks it leads, as far as others can see. Several elections of one
 * client for one lockable are several candidates.
 *
 * <p><b>What is guaranteed.</b> No two processes lead for the same term; and as far as their clocks can be relied on, no two lead
 * at the same time: {@link #isLeader} is false before the lease is over in the cluster, whatever happens to the network. A
 * process that was paused after it asked has to be stopped by the {@linkplain Term#token token}.
 *
 * <p><b>The exceptions.</b> Whoever ends the hold in the cluster does not wait for the leader to hear of it: somebody else may lead for
 * as long as that news takes, at most until the lease would have ended. That can be done
 * by {@link dev.holdfast.client.HoldfastLock#forceRelease force}, by {@linkplain HoldfastClient#closeSession closing the leader's
 * session}, and by a release that names the owner. Use them only on a leader that is known to be gone; else only the token protects.
 *
 * <p><b>What is not.</b> Somebody leads only if a majority of the cluster's members can be reached. After a leader has died, nobody
 * leads until its {@linkplain dev.holdfast.client.ClientOptions#sessionLease session's lease} has ended. A
 * {@linkplain ElectionOptions#priority priority} is a preference.
 *
 * <p><b>Before a term</b> the candidate looks once at who else waits, unless its priority is the highest. So between the grant of the
 * lock and the beginning of the term lies one read, or, if there is no answer, a quarter of the session's lease or the request
 * timeout, whichever is shorter. The term begins on the thread on which {@link ElectionListener#onElected} is called, just before that: if
 * none is free within the request timeout, the lead is given back, and the candidate does not stand again before there is one.
 *
 * <p><b>After a term</b> that ended otherwise than by {@link #resign}, the candidate stands again by itself, at the end of the queue,
 * unless the {@linkplain ElectionOptions#standAgain options} say otherwise; if attempts fail, or terms end as soon as they have
 * begun, after growing pauses. It survives the loss of its session and every failure of the cluster. It does not stand again
 * before {@link ElectionListener#onElected} and {@link ElectionListener#onRevoked} have returned.
 *
 * <p><b>Close it before the client.</b> Closing the client ends the term too, but frees the lock at once: the listener is told with
 * {@link RevokeReason#CLIENT_CLOSED}, when somebody else may lead already. So does
 * {@link dev.holdfast.client.ClientOptions#closeOnShutdown}: if a leader has something to stop, close its election in a shutdown hook
 * of your own, and the client after it.
 */
public interface Election extends AutoCloseable {
    /** What it is about. */
    Lockable lockable();

    /**
     * Stands for election, from now on until {@link #resign} or {@link #close}. Does not block, and does nothing if it stands
     * already, or if the client is closed. After a resignation that is still under way, it stands at the end of the queue when that is done.
     *
     * @throws IllegalStateException if the election is closed
     */
    void stand();

    /** Whether it stands, or leads and will stand again: {@link #stand} was called, and nothing has undone it since. */
    boolean isCandidate();

    /** Whether this process leads right now: whether there is a {@link #term}. */
    default boolean isLeader() {
        return term().isPresent();
    }

    /** The term for which this process leads right now, as {@link Term#isCurrent} tells; empty if it does not. */
    Optional<Term> term();

    /**
     * Gives the lead away, or the candidacy up, and does not stand any more until {@link #stand} is called, which then goes to the end
     * of the queue. {@link #isLeader} is false at once. Then the listener is told, and when it has returned, or after the
     * {@linkplain ElectionOptions#handoverTimeout handover timeout}, the lead is released, so that the next candidate begins after
     * this one has stopped.
     *
     * <p>Blocks until that is done, for at most the handover timeout and twice the client's request timeout: if the cluster cannot
     * be reached, the release is tried again in the background, as long as the lease lasts. Not interruptible. Called by the
     * listener, it does not block. It may be called by other callbacks of the client, on whichever executor: it waits for none of
     * the threads that those use.
     */
    void resign();

    /** {@link #resign} without blocking. The stage completes when the lead is released, or lost; the client must not be closed
     * before. */
    CompletionStage<Void> resignAsync();

    /**
     * Who leads, as the cluster answers. Blocks. May be out of date by the time the caller reads it.
     *
     * @return empty if nobody does
     * @throws LockUnavailableException if there is no answer within the client's request timeout
     */
    Optional<Leader> leader();

    /**
     * Reports who leads to the listener: at first, and then whenever that has changed, until the registration or the election is
     * closed. It need not be a candidate for that. The calls of one listener come one after the other, on the client's callback
     * executor. Nobody is told of a leader that was asked for before this was called.
     *
     * <p>The cluster does not announce such changes to everybody, so it is asked: {@linkplain ElectionOptions#observeEvery every 2 s}
     * by default, once for all listeners of this election, and when this process's own lead begins or ends. So a change is heard of
     * that much later, and a term that is shorter may be missed. Terms are reported in the order of their tokens. While the cluster
     * cannot be reached, nothing is reported.
     */
    @CheckReturnValue
    Registration observe(LeaderListener listener);

    /**
     * Resigns as {@link #resign} does, and ends the observation. No call of the listener begins after that has returned; except
     * {@link ElectionListener#onRevoked} if {@link ElectionListener#onElected} has taken longer than the handover timeout, or
     * if the listener itself has called this. A call of {@link ElectionListener#onStandFailed}, or of a {@link LeaderListener}, that
     * has begun before may still be running. Closing again does nothing more.
     */
    @Override
    void close();
}
