package dev.holdfast.node.internal.leadership;

import dev.holdfast.node.leader.NotLeading;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts answers until a majority has said yes, or no longer can. */
public final class MajorityCount {
    private final int needed;
    private final AtomicInteger yes = new AtomicInteger();
    private final AtomicInteger no = new AtomicInteger();
    private final int noMax;
    private final CompletableFuture<Void> result = new CompletableFuture<>();

    public MajorityCount(int voters) {
        this.needed = voters / 2 + 1;
        this.noMax = voters - needed;
    }

    public void yes() {
        if (yes.incrementAndGet() == needed) {
            result.complete(null);
        }
    }

    public void no(@Nullable Throwable why) {
        if (no.incrementAndGet() == noMax + 1) {
            result.completeExceptionally(NotLeading.because("a majority did not confirm that this peer leads", why));
        }
    }

    public CompletableFuture<Void> result() {
        return result;
    }
}
