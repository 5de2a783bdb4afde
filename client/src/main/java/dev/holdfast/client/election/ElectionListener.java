package dev.holdfast.client.election;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.errors.LockException;

/**
 * Hears of what becomes of one candidate. The calls for one {@link Election} never overlap, and {@link #onElected} and
 * {@link #onRevoked} alternate strictly, beginning with the first. They run on the client's callback executor: see
 * {@link ClientOptions#callbackExecutor}. They may block.
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
     *     a pause, at the end of the queue. After the term has ended, what it throws has no effect
     */
    void onElected(Term term) throws Exception;

    /**
     * This process does not lead any more: {@link Term#isCurrent} is false. What is left to be done is to stop. Called once after
     * each {@link #onElected}.
     *
     * <p>With {@link RevokeReason#RESIGNED}, {@link RevokeReason#YIELDED}, {@link RevokeReason#FAILED} and
     * {@link RevokeReason#SUSPECT}, nobody else leads yet: the cluster keeps the lead for this process until this method has
     * returned, for at most the {@linkplain ElectionOptions#handoverTimeout handover timeout} and while the lease lasts. With the
     * other reasons somebody else may lead already. What it throws is logged.
     */
    default void onRevoked(Term term, RevokeReason reason) {}

    /**
     * An attempt to stand failed. The candidate tries again by itself after a pause that grows up to
     * {@link ElectionOptions#RETRY_PAUSE_MAX}, so there is nothing to be done, unless the failure is one that lasts: if this
     * client is not allowed to take the lock, say. Also logged, once in a row of failures.
     */
    default void onStandFailed(LockException failure) {}
}
