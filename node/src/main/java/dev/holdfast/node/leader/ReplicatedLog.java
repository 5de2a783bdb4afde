package dev.holdfast.node.leader;

import dev.holdfast.protocol.Batch;
import dev.holdfast.statemachine.Applied;
import java.util.concurrent.CompletableFuture;

/**
 * The replicated log, as its leader sees it during one term. Methods may be called from any thread and do not block;
 * futures fail only with {@link dev.holdfast.client.transport.TransportException}, and all complete once the term is over.
 */
public interface ReplicatedLog {

    /**
     * Appends an entry. It is applied with that stamp only if it lands in the given term: see {@link LogEntry#in}.
     *
     * @return completes with what it did, once it is durable on a majority and applied here
     */
    CompletableFuture<Applied> append(long term, long stampMs, Batch batch);

    /**
     * Confirms that no later term had a leader when this method was called: the round that finds this out begins after
     * the call.
     */
    CompletableFuture<Void> confirmLeadership(long term);
}
