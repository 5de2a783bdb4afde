package dev.holdfast.client.election;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.errors.LockException;

/**
 * Hears of what becomes of one candidate. The calls for one {@link Election} never overlap, and {@link #onElected} and
 * {@link #onRevoked} alternate strictly, beginning with the first. They may block. They run on threads of the client's own that nothing
 * else uses, even if it was given a {@linkplain ClientOptions#callbackExecutor callback executor}: a few listeners that lead would
 * keep all threads of that, and every other callback would wait for them. There are 256 of those threads, one for each candidate whose listener
 * is being called; whoever is elected beyond that does not lead, but gives the lead back.
 */
@FunctionalInterface
public interface ElectionListener {

    /**
     * This process leads from now on, until the term ends. Two ways to do the work are supported:
     *
     * <ul>
     *   <li>Start it here and return; stop it in {@link #onRevoked}. To return is not to resign.
     *   <li>Do it here for as long as the {@linkplain Term#isCurrent term is current}. If the term ends meanwhile, this thread is
     *       interrupted, once, and {@link #onRevoked} is called when this method has returned. So it ought to return soon then. No
     *       interrupt comes if the term is ended by a call from within this method, and none after it has returned.
     * </ul>
     *
     * <p>A method that does not return when its term ends holds {@link #onRevoked} up, and the next candidacy of this process; it
     * does not make the term any longer. {@link Term#isCurrent} and {@link Term#ended} tell of the end in any case.
     *
     * <p>A term that ended before this could be called is passed over: neither this nor {@link #onRevoked} is called for it.
     *
     * @throws Exception if it cannot lead. The term ends then with {@link RevokeReason#FAILED}, and the candidate stands again after
     *     a pause, at the end of the queue. Until it has led for a while, it asks no leader of a lower
     *     {@linkplain ElectionOptions#priority priority} for the lead. After the term has ended, what it throws has no effect
     */
    void onElected(Term term) throws Exception;

    /**
     * This process does not lead any more: {@link Term#isCurrent} is false. What is left to be done is to stop. Called once after
     * each {@link #onElected}.
     *
     * <p>With {@link RevokeReason#RESIGNED}, {@link RevokeReason#YIELDED}, {@link RevokeReason#FAILED} and
     * {@link RevokeReason#SUSPECT}, the cluster keeps the lead for this process until this method has returned, for at most the
     * {@linkplain ElectionOptions#handoverTimeout handover timeout} and while the lease lasts. Both count from the end of the term,
     * and not from this call: if {@link #onElected} returns later than that, or the timeout is zero, or the process stood still,
     * somebody else may lead when this begins. With the other reasons that may be so in any case. What it throws is logged.
     */
    default void onRevoked(Term term, RevokeReason reason) {}

    /**
     * An attempt to stand failed. The candidate tries again by itself after a pause that grows up to
     * {@link ElectionOptions#RETRY_PAUSE_MAX}, so there is nothing to be done, unless the failure is one that lasts: if this
     * client is not allowed to take the lock, say. Also logged, once in a row of failures.
     *
     * <p>While it does not return, {@link #onElected} cannot be called, and this candidate does not lead. Failures that come
     * meanwhile are told by one call, of the last of them.
     */
    default void onStandFailed(LockException failure) {}
}
