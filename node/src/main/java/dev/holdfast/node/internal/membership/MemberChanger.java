package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.NotLeadingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the members at the leader of the first group, one change after the other. The other groups follow by themselves
 * ({@link Reconciler}).
 */
public final class MemberChanger {
    /** How many voters a cluster has, unless it is told otherwise: more make writes slower, and hardly safer. */
    public static final int VOTERS_MAX = 5;

    private static final Logger LOG = LoggerFactory.getLogger(MemberChanger.class);
    private static final Duration ELECTION = Duration.ofSeconds(2);
    private static final long LOOK_EVERY_MS = 10;
    private static final long AGAIN_AFTER_MS = 100;

    /** Decides what comes next, each time anew. */
    private interface Plan {
        /** @throws MemberChangeException if nothing is to be done */
        ChangeStep next(Situation now);
    }

    private final MemberControl control;
    private final MemberControl.Group first;
    private final int votersMax;
    private final JoinDesk joins;
    private final ReentrantLock turn = new ReentrantLock(true);

    /** One of a cluster that has as many voters as are usual, and no join tokens. */
    public MemberChanger(MemberControl control) {
        this(control, VOTERS_MAX, new JoinDesk(JoinBook.NONE));
    }

    /**
     * @param votersMax how many voters there are to be at most
     * @param joins whose tokens are at their end once those who used them are members
     */
    public MemberChanger(MemberControl control, int votersMax, JoinDesk joins) {
        this.control = control;
        this.first = control.groups().get(0);
        this.votersMax = votersMax;
        this.joins = joins;
    }

    /**
     * Does what is asked. Blocks until all groups have followed, or the time is up.
     *
     * @throws NotLeadingException if this peer does not lead, or does not any more: nothing was done, and whoever leads is to be asked
     * @throws MemberChangeException if it is refused, or is not known to be done
     */
    public MemberChangeResult perform(MemberChange change, Duration timeout)
            throws NotLeadingException, InterruptedException {
        return perform(change, timeout, Witness.NONE);
    }

    /** The same, with somebody who hears of each step beforehand. */
    public MemberChangeResult perform(MemberChange change, Duration timeout, Witness witness)
            throws NotLeadingException, InterruptedException {
        return perform(change.name(), now -> ChangePlan.next(change, now, votersMax), timeout, witness);
    }

    /**
     * The same for a change that nobody asked for.
     *
     * @throws NotLeadingException as above
     * @throws MemberChangeException as above
     */
    public MemberChangeResult perform(AutomaticChange change, Duration timeout)
            throws NotLeadingException, InterruptedException {
        return perform(change, timeout, Witness.NONE);
    }

    /** The same, with somebody who hears of each step beforehand. */
    public MemberChangeResult perform(AutomaticChange change, Duration timeout, Witness witness)
            throws NotLeadingException, InterruptedException {
        return perform(change.name(), now -> change.next(now, votersMax), timeout, witness);
    }

    private MemberChangeResult perform(String name, Plan plan, Duration timeout, Witness witness)
            throws NotLeadingException, InterruptedException {
        Deadline deadline = new Deadline(timeout);
        if (!turn.tryLock(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
            throw new MemberChangeException(
                    Reason.UNDER_WAY, "another change of the members has been under way all the time: ask again later");
        }
        try {
            return perform(name, plan, deadline, witness);
        } finally {
            turn.unlock();
        }
    }

    private MemberChangeResult perform(String name, Plan plan, Deadline deadline, Witness witness)
            throws NotLeadingException, InterruptedException {
        while (true) {
            Situation now = situation(name, deadline);
            // A member that is removed must not come back by the token that it came by.
            if (!joins.settle(now.members())) {
                awaitTerm(deadline);
                continue;
            }
            ChangeStep step = plan.next(now);
            if (step instanceof ChangeStep.Nothing nothing) {
                return new MemberChangeResult(false, nothing.why(), groupsBehind(deadline));
            }
            if (witness.begins(step.begins())) {
                // A token may have been withdrawn meanwhile, or a member have fallen silent.
                continue;
            }
            if (step instanceof ChangeStep.Lead lead) {
                if (isLedBy(lead.to(), deadline)) {
                    return new MemberChangeResult(true, "'" + lead.to().id().name() + "' leads now", List.of());
                }
            } else if (step instanceof ChangeStep.HandOver handOver) {
                if (isLedBy(handOver.to(), deadline)) {
                    throw new NotLeadingException(first.leader());
                }
            } else if (step instanceof ChangeStep.Change next && isDone(now.members(), next.wanted(), deadline)) {
                LOG.info("The members were changed: {}", next.done());
                settle();
                return new MemberChangeResult(true, next.done(), groupsBehind(deadline));
            }
        }
    }

    private static void awaitTerm(Deadline deadline) throws InterruptedException {
        if (deadline.isOver()) {
            throw new MemberChangeException(
                    Reason.UNDER_WAY, "the leader was elected just now, and has not begun yet: ask again");
        }
        Thread.sleep(LOOK_EVERY_MS);
    }

    /** It is done again before the next change, by whoever leads then. */
    private void settle() throws InterruptedException {
        try {
            var unused = joins.settle(first.configuration());
        } catch (MemberChangeException e) {
            LOG.debug("a join token is not at its end yet", e);
        }
    }

    /** Whether it was done; {@code false} if it was not, and is to be thought over, as the members may be others by now. */
    private boolean isDone(MemberSet before, MemberSet wanted, Deadline deadline) throws InterruptedException {
        try {
            first.change(before, wanted).get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            throw notConfirmed("it is under way, and was not done in time", e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (deadline.isOver() && first.leads()) {
                throw notConfirmed(String.valueOf(cause.getMessage()), cause);
            }
            LOG.debug("the members are not changed yet", cause);
            Thread.sleep(AGAIN_AFTER_MS);
            return false;
        }
    }

    /**
     * Has that one elected.
     *
     * @return whether it leads now
     * @throws NotLeadingException if another does
     */
    private boolean isLedBy(Peer to, Deadline deadline) throws NotLeadingException, InterruptedException {
        Duration left = deadline.left().compareTo(ELECTION) < 0 ? deadline.left() : ELECTION;
        try {
            if (first.transferLeadership(to, left).get(2 * left.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("{} does not lead", to.id(), e);
        }
        if (!first.leads()) {
            throw new NotLeadingException(first.leader());
        }
        if (deadline.isOver()) {
            throw new MemberChangeException(
                    Reason.NOT_CONFIRMED,
                    "'" + to.id().name() + "' was not elected in place of this leader: ask again");
        }
        Thread.sleep(AGAIN_AFTER_MS);
        return false;
    }

    /** Waits until no change is under way, and asks everybody. */
    private Situation situation(String name, Deadline deadline) throws NotLeadingException, InterruptedException {
        while (true) {
            if (!first.leads()) {
                throw new NotLeadingException(first.leader());
            }
            MemberSet members = first.configuration();
            if (members.settled()) {
                return new Situation(
                        control.self().id(),
                        members,
                        Answers.of(first, control.self().id(), members.all()),
                        newcomers(name));
            }
            if (deadline.isOver()) {
                throw new MemberChangeException(
                        Reason.UNDER_WAY,
                        "another change of the members is under way and cannot be committed: is a majority of the voters up?");
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    /** Those that this peer knows; or else, if none has that name, those that others know. */
    private List<Newcomer> newcomers(String name) throws InterruptedException {
        List<Newcomer> known = control.newcomers();
        boolean isThere =
                known.stream().anyMatch(newcomer -> newcomer.peer().id().name().equals(name));
        return isThere || first.configuration().named(name) != null ? known : control.newcomersAtOthers();
    }

    /** Waits until all groups have the members of the first, as far as this peer knows. */
    private List<Integer> groupsBehind(Deadline deadline) throws InterruptedException {
        while (true) {
            List<Integer> behind = new ArrayList<>();
            MemberSet members = first.configuration();
            for (int number = 1; number < control.groups().size(); number++) {
                MemberSet own = control.groups().get(number).configuration();
                if (!own.settled() || !MemberSets.areSame(own, members)) {
                    behind.add(number);
                }
            }
            if (behind.isEmpty() || deadline.isOver()) {
                return behind;
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    private static MemberChangeException notConfirmed(String why, Throwable cause) {
        return new MemberChangeException(
                Reason.NOT_CONFIRMED,
                why + ". 'members' shows whether it was done; asking again completes it if it was not",
                cause);
    }

    private record Deadline(long nanos) {
        Deadline(Duration timeout) {
            this(System.nanoTime() + timeout.toNanos());
        }

        long leftNanos() {
            return Math.max(1, nanos - System.nanoTime());
        }

        Duration left() {
            return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), leftNanos()));
        }

        boolean isOver() {
            return nanos - System.nanoTime() <= 0;
        }
    }
}
