package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.RefusedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;

/**
 * Says of entries that this member has them once they are on its disk. One for each group. May be used by any thread.
 *
 * <p>Ratis says so at once of those that are in its memory, as there is nothing to write for them. But their write may be under way, as
 * when a leader sends them again over a new connection, or it may have failed. Whoever counts them then counts what a loss of power takes
 * back. Nor does Ratis's own mark of what is flushed help alone: where entries were replaced, it stays too high until those in their place are
 * next to be written.
 */
final class DurableAppends {
    /** Done when all that was handed to the log so far is written, or has failed. */
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);

    /** Hands entries to Ratis. */
    interface Append {
        CompletableFuture<AppendEntriesReplyProto> call() throws IOException;
    }

    /**
     * @param flushedIndex up to where the log is on the disk, once it is settled
     * @return what Ratis says, but not before it is true; {@link RefusedException} if it never became so
     */
    CompletableFuture<AppendEntriesReplyProto> append(
            AppendEntriesRequestProto request, Append append, LongSupplier flushedIndex) throws IOException {
        if (request.getEntriesCount() == 0) {
            return append.call();
        }
        CompletableFuture<Void> own = new CompletableFuture<>();
        add(own);
        CompletableFuture<AppendEntriesReplyProto> said;
        try {
            said = append.call();
        } catch (IOException | RuntimeException e) {
            own.complete(null);
            throw e;
        }
        // All that is in Ratis's memory by now was added here before.
        CompletableFuture<Void> all = settled();
        said.whenComplete((reply, failure) -> own.complete(null));
        return said.thenCompose(reply -> reply.getResult() == AppendResult.SUCCESS
                ? all.thenApply(done -> checked(reply, flushedIndex.getAsLong()))
                : CompletableFuture.completedFuture(reply));
    }

    private static AppendEntriesReplyProto checked(AppendEntriesReplyProto reply, long flushedIndex) {
        if (reply.getMatchIndex() > flushedIndex) {
            throw new CompletionException(new RefusedException(
                    Reason.FAILED,
                    "entry " + reply.getMatchIndex() + " is not on its disk, nor any behind " + flushedIndex));
        }
        return reply;
    }

    private synchronized void add(CompletableFuture<Void> own) {
        settled = settled.isDone() ? own : CompletableFuture.allOf(settled, own);
    }

    private synchronized CompletableFuture<Void> settled() {
        return settled;
    }

    /**
     * Waits until all that was handed to the log so far is written or has failed, so that what it says of itself is true.
     *
     * @throws IOException if that takes too long, or the thread is interrupted
     */
    void awaitSettled(long timeoutMs) throws IOException {
        try {
            settled().get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("what this member was sent is not on its disk yet", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the log was written");
        }
    }

    /** A snapshot took the log's place. What was to be written is dropped, and never done. */
    synchronized void forget() {
        settled = CompletableFuture.completedFuture(null);
    }
}
