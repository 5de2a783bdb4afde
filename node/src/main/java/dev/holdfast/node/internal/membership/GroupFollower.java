package dev.holdfast.node.internal.membership;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the members of one group those of the first, where this peer leads it. So a change that was begun in the first group is
 * completed by whoever leads the others, whatever becomes of the peer that began it.
 *
 * <p>What this peer knows of the first group may be old: it may bring back a member that was removed. And it may stay so: a peer that was
 * removed from that group does not hear from it any more, but leads another. So it asks the leader of the first group before it acts.
 */
final class GroupFollower {
    private static final Logger LOG = LoggerFactory.getLogger(GroupFollower.class);
    private static final Duration CHANGE = Duration.ofSeconds(60);
    private static final Duration ELECTION = Duration.ofSeconds(1);

    private final MemberControl control;
    private final MemberControl.Group first;
    private final MemberControl.Group group;
    private final int number;

    /** @param number of the group, from 1 */
    GroupFollower(MemberControl control, int number) {
        this.control = control;
        this.first = control.groups().get(0);
        this.group = control.groups().get(number);
        this.number = number;
    }

    /**
     * Whether this peer leads the group, and its members are not those of the first, as far as this peer knows; or it does not know,
     * because it hears of no leader of the first group. It may have been removed from that while it was cut off.
     */
    boolean isDue() {
        return group.leads()
                && group.configuration().settled()
                && (!first.hearsOfLeader() || !MemberSets.areSame(group.configuration(), first.configuration()));
    }

    /**
     * Takes step after step, and hands over to another voter where that one has to go on. Blocks until there is nothing left to do here,
     * which takes as long as newcomers take to catch up.
     *
     * @return what to tell people if something could not be done
     */
    Optional<String> follow() throws InterruptedException {
        while (isDue()) {
            MemberSet before = group.configuration();
            Optional<String> problem = step();
            if (problem.isPresent() || MemberSets.areSame(before, group.configuration())) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private Optional<String> step() throws InterruptedException {
        Optional<MemberSet> target = control.membersAtLeader();
        MemberSet own = group.configuration();
        if (target.isEmpty() || !group.leads() || !own.settled() || MemberSets.areSame(own, target.get())) {
            return Optional.empty();
        }
        Answers answers = Answers.of(
                group,
                control.self().id(),
                Stream.concat(own.all(), target.get().all()).distinct());
        Optional<MemberSet> next = GroupSteps.next(own, target.get(), answers);
        if (next.isEmpty()) {
            return Optional.of("group " + number + " cannot follow the first group's members now: of its voters, "
                    + answers.silent(own.voters()) + " do not answer, of the others "
                    + answers.silent(target.get().all().toList()));
        }
        return MemberSets.isVoter(next.get(), control.self().id())
                ? change(own, next.get())
                : handOver(own, next.get(), answers);
    }

    private Optional<String> change(MemberSet own, MemberSet next) throws InterruptedException {
        try {
            group.change(own, next).get(CHANGE.toSeconds(), TimeUnit.SECONDS);
            LOG.info(
                    "Group {} follows the first: its voters are {}, its listeners {}",
                    number,
                    next.voters(),
                    next.listeners());
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of("group " + number + " does not follow the first group's members yet: "
                    + Objects.requireNonNullElse(e.getCause(), e).getMessage());
        } catch (TimeoutException e) {
            return Optional.of(
                    "group " + number + " does not follow the first group's members yet: a change takes too long");
        }
    }

    /** To one that will be a voter still. It goes on where this peer has ended. */
    private Optional<String> handOver(MemberSet own, MemberSet next, Answers answers) throws InterruptedException {
        Optional<Peer> to = new Situation(control.self().id(), own, answers, List.of())
                .furthest(own.voters().stream().filter(voter -> MemberSets.isVoter(next, voter.id())));
        try {
            if (to.isPresent()
                    && group.transferLeadership(to.get(), ELECTION)
                            .get(2 * ELECTION.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.info(
                        "Group {} is now led by {}: this peer is to have no vote in it any more",
                        number,
                        to.get().id());
                return Optional.empty();
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("group {} could not be handed over", number, e);
        }
        return Optional.of("group " + number + " cannot be handed over to a member that stays");
    }
}
