package dev.holdfast.node.internal.leadership;

import dev.holdfast.client.time.Timers;
import dev.holdfast.node.Member;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spreads the leaders of a cluster's groups over its peers: group by group, in turn, in the order of the members' ids. A
 * peer that leads a group which is another's turn hands it over once that one has kept up for a while. The peers need not
 * agree on anything, and a peer that is gone is not handed anything. A cluster of one group is left alone: any leader is as
 * good as another.
 *
 * <p>See {@code docs/adr/009-groups-by-key.md}.
 */
public final class LeaderSpread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderSpread.class);

    private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many times in a row it must have kept up: a peer that has just started is busy enough. */
    private static final int LOOKS = 3;

    /** How many entries it may be behind. Writes wait until it has them. */
    private static final long LAG_MAX = 1000;

    private static final Duration ELECTION = Duration.ofSeconds(1);

    /** How many looks are skipped after an attempt. */
    private static final int PATIENCE = 30;

    /** This peer's part in one group, as far as it matters here. */
    public interface Group {
        /** The group's id, for the log. */
        UUID id();

        /** Whether this peer leads it. */
        boolean leads();

        /** The index up to which this peer applied its log; -1 if it never did. */
        long appliedIndex();

        /** Asks a member for the index up to which it applied the log; fails if it does not answer. */
        CompletableFuture<Long> appliedIndexOf(Member member);

        /** Makes that member stand for election at once, and tells whether it leads before the time is up. */
        CompletableFuture<Boolean> transferLeadership(Member member, Duration timeout);
    }

    private final String self;
    private final Supplier<List<Member>> members;
    private final List<? extends Group> groups;
    private final Timers timers;
    private final Map<Group, Integer> looks = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param members those that may lead; they may change */
    public LeaderSpread(String self, Supplier<List<Member>> members, List<? extends Group> groups, Timers timers) {
        this.self = self;
        this.members = members;
        this.groups = groups;
        this.timers = timers;
    }

    public void start() {
        if (groups.size() > 1) {
            timers.schedule(this::look, LOOK_EVERY_NANOS);
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        List<Member> inTurn =
                members.get().stream().sorted(Comparator.comparing(Member::id)).toList();
        for (int number = 0; number < groups.size() && !inTurn.isEmpty(); number++) {
            look(groups.get(number), inTurn.get(number % inTurn.size()));
        }
        timers.schedule(this::look, LOOK_EVERY_NANOS);
    }

    private void look(Group group, Member turn) {
        if (turn.id().equals(self) || !group.leads()) {
            looks.put(group, 0);
            return;
        }
        long applied = group.appliedIndex();
        group.appliedIndexOf(turn).whenComplete((itsApplied, failure) -> {
            if (failure != null || itsApplied < applied - LAG_MAX) {
                looks.put(group, 0);
            } else if (looks.merge(group, 1, Integer::sum) >= LOOKS) {
                looks.put(group, -PATIENCE);
                handOver(group, turn);
            }
        });
    }

    private void handOver(Group group, Member turn) {
        group.transferLeadership(turn, ELECTION).whenComplete((done, failure) -> {
            if (failure == null && done) {
                LOG.info("Group {} is now led by {}, whose turn it is", group.id(), turn.id());
            } else {
                LOG.debug("group {} could not be handed to {}", group.id(), turn.id(), failure);
            }
        });
    }

    @Override
    public void close() {
        closed = true;
    }
}
