package dev.holdfast.node.leader;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.statemachine.Applied;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A log that does as the test says. For one thread. */
final class FakeLog implements ReplicatedLog {
    record Entry(long term, long stampMs, Batch batch, CompletableFuture<Applied> applied) {}

    private final Replica replica;
    private final ArrayDeque<Entry> uncommitted = new ArrayDeque<>();
    private final ArrayDeque<CompletableFuture<Void>> unconfirmed = new ArrayDeque<>();
    private long lastIndex;
    private int appendsToFail;

    /** All that was ever appended, or tried to be. */
    final List<Entry> appended = new ArrayList<>();

    boolean commitsAtOnce = true;
    boolean confirmsAtOnce = true;
    int confirmations;

    FakeLog(Replica replica) {
        this.replica = replica;
    }

    @Override
    public CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
        Entry entry = new Entry(term, stampMs, batch, new CompletableFuture<>());
        appended.add(entry);
        if (appendsToFail > 0) {
            appendsToFail--;
            entry.applied.completeExceptionally(lost());
        } else if (commitsAtOnce) {
            commit(entry);
        } else {
            uncommitted.add(entry);
        }
        return entry.applied;
    }

    void failAppends(int next) {
        appendsToFail = next;
    }

    void commitNext() {
        commit(uncommitted.remove());
    }

    void failNext() {
        uncommitted.remove().applied.completeExceptionally(lost());
    }

    int uncommitted() {
        return uncommitted.size();
    }

    private void commit(Entry entry) {
        entry.applied.complete(replica.apply(++lastIndex, entry.stampMs, entry.batch));
    }

    private static TransportException lost() {
        return new TransportException(TransportException.Kind.OUTCOME_UNKNOWN, "lost");
    }

    @Override
    public CompletableFuture<Void> confirmLeadership(long term) {
        confirmations++;
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        if (confirmsAtOnce) {
            confirmed.complete(null);
        } else {
            unconfirmed.add(confirmed);
        }
        return confirmed;
    }

    void confirmNext() {
        unconfirmed.remove().complete(null);
    }

    void denyNext() {
        unconfirmed
                .remove()
                .completeExceptionally(new TransportException(TransportException.Kind.NO_LEADER, "deposed"));
    }

    int unconfirmed() {
        return unconfirmed.size();
    }

    /** The leader's own commands so far, in order. */
    List<SystemCommand> systemCommands() {
        return appended.stream().flatMap(entry -> entry.batch.system().stream()).toList();
    }
}
