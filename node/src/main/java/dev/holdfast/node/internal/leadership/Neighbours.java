package dev.holdfast.node.internal.leadership;

import dev.holdfast.client.time.Timers;
import dev.holdfast.node.Member;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Greets the other members until each has answered once, so that peers that were started as members of different clusters
 * notice each other. Greets them again while no leader is known, so that a peer that returns after a long time can vote at
 * once.
 */
public final class Neighbours implements AutoCloseable {
    private static final long GREET_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final class Neighbour {
        final Member member;
        volatile boolean answered;
        volatile boolean away;

        Neighbour(Member member) {
            this.member = member;
        }
    }

    private final List<Neighbour> neighbours;
    private final BooleanSupplier leaderless;
    private final Function<Member, CompletableFuture<?>> greet;
    private final Consumer<Member> redial;
    private final Timers timers;
    private volatile boolean closed;

    /**
     * @param greet asks a member for a sign of life; fails if there is none
     * @param redial is called for a member that answers again, while no leader is known
     */
    public Neighbours(
            List<Member> members,
            BooleanSupplier leaderless,
            Function<Member, CompletableFuture<?>> greet,
            Consumer<Member> redial,
            Timers timers) {
        this.neighbours = members.stream().map(Neighbour::new).toList();
        this.leaderless = leaderless;
        this.greet = greet;
        this.redial = redial;
        this.timers = timers;
    }

    /** Greets now, and then at intervals for as long as it takes. */
    public void start() {
        if (closed) {
            return;
        }
        boolean all = leaderless.getAsBoolean();
        neighbours.stream().filter(neighbour -> all || !neighbour.answered).forEach(this::greet);
        timers.schedule(this::start, GREET_EVERY_NANOS);
    }

    private void greet(Neighbour neighbour) {
        greet.apply(neighbour.member).whenComplete((greeting, failure) -> {
            if (failure != null) {
                neighbour.away = true;
                return;
            }
            neighbour.answered = true;
            if (neighbour.away && leaderless.getAsBoolean() && !closed) {
                neighbour.away = false;
                redial.accept(neighbour.member);
            }
        });
    }

    @Override
    public void close() {
        closed = true;
    }
}
