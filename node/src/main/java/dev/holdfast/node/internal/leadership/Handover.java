package dev.holdfast.node.internal.leadership;

import dev.holdfast.node.Member;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes another member lead, so that nobody first has to notice that this one is gone. Writes are refused here during a
 * transfer, so only members that answer are tried, the most advanced first.
 */
public final class Handover {
    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    /** How long members have to answer: one whose host drops packets never does. */
    private static final Duration ANSWERS = Duration.ofMillis(500);

    /** How long one transfer may take: a healthy member is elected sooner. */
    private static final Duration ELECTION = Duration.ofSeconds(1);

    private final Supplier<List<Member>> others;
    private final BooleanSupplier leads;
    private final Function<Member, CompletableFuture<Long>> appliedIndexOf;
    private final BiFunction<Member, Duration, CompletableFuture<Boolean>> transfer;

    /**
     * @param others the members that may lead in this one's place
     * @param leads whether this peer leads
     * @param appliedIndexOf asks a member how far it is
     * @param transfer has that member stand for election at once, and tells whether it leads before the time is up
     */
    public Handover(
            Supplier<List<Member>> others,
            BooleanSupplier leads,
            Function<Member, CompletableFuture<Long>> appliedIndexOf,
            BiFunction<Member, Duration, CompletableFuture<Boolean>> transfer) {
        this.others = others;
        this.leads = leads;
        this.appliedIndexOf = appliedIndexOf;
        this.transfer = transfer;
    }

    /** Blocks until this peer does not lead, there is nobody left to try, or the time is up. */
    public void perform(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        if (!leads.getAsBoolean() || others.get().isEmpty()) {
            return;
        }
        for (Member member : furthestFirst(min(ANSWERS, timeout))) {
            Duration left = min(ELECTION, Duration.ofNanos(deadline - System.nanoTime()));
            if (left.isNegative() || left.isZero() || !leads.getAsBoolean() || isLedBy(member, left)) {
                return;
            }
        }
    }

    private boolean isLedBy(Member member, Duration timeout) throws InterruptedException {
        try {
            // Ratis enforces the timeout itself; this is for the case that it does not.
            boolean done = transfer.apply(member, timeout).get(2 * timeout.toNanos(), TimeUnit.NANOSECONDS);
            LOG.debug("handing over to {}: {}", member.id(), done);
            return done;
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("handing over to {} failed", member.id(), e);
            return false;
        }
    }

    private List<Member> furthestFirst(Duration timeout) throws InterruptedException {
        Map<Member, Long> applied = new ConcurrentHashMap<>();
        CompletableFuture<?>[] answers = others.get().stream()
                .map(member -> appliedIndexOf.apply(member).thenAccept(index -> applied.put(member, index)))
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(answers).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all members answer", e);
        }
        Map<Member, Long> known = Map.copyOf(applied);
        return known.keySet().stream()
                .filter(member -> known.getOrDefault(member, -1L) >= 0)
                .sorted(Comparator.comparing((Member member) -> known.getOrDefault(member, -1L))
                        .reversed())
                .toList();
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
