package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a change of the members takes, or refuses it. It has no effects.
 *
 * <ul>
 *   <li>Whatever is so already is not done again: so any change may be repeated.
 *   <li>Nothing is tried that could not be committed: that takes a majority of the voters that there are, and one of those that there
 *       would be. Force is of no use there.
 *   <li>What would leave the cluster so that it stops with the next voter that is lost, and did not before, is done by force only.
 *   <li>The leader does not take its own vote away: it hands over first.
 * </ul>
 */
final class ChangePlan {
    /** How far behind somebody may be who is to vote, or to lead. Writes may have to wait for that. */
    static final long LAG_MAX = 1000;

    private final MemberChange change;
    private final Situation now;
    private final int votersMax;
    private final String name;
    private final MemberSet members;

    private ChangePlan(MemberChange change, Situation now, int votersMax) {
        this.change = change;
        this.now = now;
        this.votersMax = votersMax;
        this.name = change.name();
        this.members = now.members();
    }

    /**
     * The next step.
     *
     * @throws MemberChangeException if it is refused
     */
    static ChangeStep next(MemberChange change, Situation now, int votersMax) {
        ChangePlan plan = new ChangePlan(change, now, votersMax);
        return switch (change.action()) {
            case ADD -> plan.add();
            case REPLACE -> plan.replace();
            case REMOVE -> plan.remove();
            case PROMOTE -> plan.promote();
            case DEMOTE -> plan.demote();
            case LEAD -> plan.lead();
        };
    }

    /**
     * The step by which a voter that does not answer becomes a listener, and a listener that has kept up votes in its place; nothing
     * if there is none.
     *
     * @throws MemberChangeException if it is refused
     */
    static ChangeStep giveWay(Peer silent, Situation now, int votersMax) {
        return new ChangePlan(
                        MemberChange.of(MemberChange.Action.DEMOTE, silent.id().name()), now, votersMax)
                .giveWay(silent);
    }

    private ChangeStep giveWay(Peer silent) {
        Optional<Peer> successor = successor();
        if (successor.isEmpty()) {
            return new ChangeStep.Nothing("there is no listener that has kept up");
        }
        MemberSet wanted = MemberSets.withVoter(MemberSets.withListener(members, silent), successor.get());
        check(wanted, null);
        return new ChangeStep.Change(
                wanted,
                "'" + successor.get().id().name() + "' votes in the place of '" + name
                        + "', which does not answer and is a listener now");
    }

    /** The listener that would be the best voter. */
    private Optional<Peer> successor() {
        return now.furthest(members.listeners().stream().filter(listener -> now.lag(listener.id()) <= LAG_MAX));
    }

    private ChangeStep add() {
        Peer member = members.named(name);
        Peer newcomer = now.newcomer(name);
        if (member != null && newcomer != null) {
            throw refuse(
                    Reason.TAKEN,
                    "there is a member '" + name
                            + "' already, and who presents itself by its name has another data folder ("
                            + newcomer.id() + "). If the member's folder is lost, 'members replace " + name
                            + "' puts the new one in its place; else give the newcomer a name of its own");
        }
        if (member != null) {
            return new ChangeStep.Nothing("'" + name + "' is a member already, " + role(member));
        }
        if (newcomer == null) {
            throw nobody();
        }
        checkAddresses(newcomer, null);
        boolean full = members.voters().size() >= votersMax;
        MemberSet wanted = full ? MemberSets.withListener(members, newcomer) : MemberSets.withVoter(members, newcomer);
        check(wanted, newcomer);
        return new ChangeStep.Change(
                wanted,
                "'" + name + "' is a member now, "
                        + (full
                                ? "a listener: there are " + votersMax + " voters already"
                                : "one of " + wanted.voters().size() + " voters"));
    }

    private ChangeStep replace() {
        Peer member = members.named(name);
        Peer newcomer = now.newcomer(name);
        if (member == null) {
            throw noSuchMember(
                    newcomer == null ? "" : ". There is a newcomer of that name: 'members add " + name + "'");
        }
        if (newcomer == null && now.answers().has(member.id())) {
            return new ChangeStep.Nothing("'" + name + "' answers, and nobody else presents itself by that name");
        }
        if (newcomer == null) {
            throw nobody();
        }
        checkAddresses(newcomer, member);
        boolean voter = MemberSets.isVoter(members, member.id());
        MemberSet others = MemberSets.without(members, member.id());
        MemberSet wanted = voter ? MemberSets.withVoter(others, newcomer) : MemberSets.withListener(others, newcomer);
        check(wanted, newcomer);
        return orHandOver(
                member,
                wanted,
                "'" + name + "' is " + newcomer.id() + " now, in place of " + member.id()
                        + ", whose folder is of no use any more");
    }

    private ChangeStep remove() {
        Peer member = members.named(name);
        if (member == null) {
            return new ChangeStep.Nothing("there is no member '" + name + "'"
                    + (now.newcomer(name) == null ? "" : ", only a newcomer that presents itself by that name"));
        }
        MemberSet wanted = MemberSets.without(members, member.id());
        String done = "'" + name + "' is no member any more";
        if (!MemberSets.isVoter(members, member.id())) {
            check(wanted, null);
            return new ChangeStep.Change(wanted, done);
        }
        Optional<Peer> successor = members.voters().size() < votersMax ? Optional.empty() : successor();
        if (successor.isPresent()) {
            wanted = MemberSets.withVoter(wanted, successor.get());
            done += "; '" + successor.get().id().name() + "' votes in its place";
        }
        check(wanted, null);
        return orHandOver(member, wanted, done);
    }

    private ChangeStep promote() {
        Peer member = member();
        if (MemberSets.isVoter(members, member.id())) {
            return new ChangeStep.Nothing("'" + name + "' is a voter already");
        }
        if (members.voters().size() >= votersMax) {
            throw refuse(
                    Reason.VOTERS_MAX,
                    "there are " + members.voters().size()
                            + " voters, which is as many as there may be: demote or remove one first");
        }
        checkReady(member);
        MemberSet wanted = MemberSets.withVoter(members, member);
        check(wanted, null);
        return new ChangeStep.Change(
                wanted, "'" + name + "' is one of " + wanted.voters().size() + " voters now");
    }

    private ChangeStep demote() {
        Peer member = member();
        if (!MemberSets.isVoter(members, member.id())) {
            return new ChangeStep.Nothing("'" + name + "' is a listener already");
        }
        MemberSet wanted = MemberSets.withListener(members, member);
        check(wanted, null);
        return orHandOver(
                member,
                wanted,
                "'" + name + "' is a listener now; " + wanted.voters().size() + " voters are left");
    }

    private ChangeStep lead() {
        Peer member = member();
        if (member.id().equals(now.leader())) {
            return new ChangeStep.Nothing("'" + name + "' leads already");
        }
        if (!MemberSets.isVoter(members, member.id())) {
            throw refuse(Reason.NOT_READY, "'" + name + "' is a listener, which cannot lead: promote it first");
        }
        checkReady(member);
        return new ChangeStep.Lead(member);
    }

    private Peer member() {
        Peer member = members.named(name);
        if (member == null) {
            throw noSuchMember(now.newcomer(name) == null ? "" : ", only a newcomer: 'members add " + name + "'");
        }
        return member;
    }

    private String role(Peer member) {
        return MemberSets.isVoter(members, member.id()) ? "a voter" : "a listener";
    }

    /** The change itself, unless it takes away this peer's own vote. */
    private ChangeStep orHandOver(Peer gone, MemberSet wanted, String done) {
        if (!gone.id().equals(now.leader())) {
            return new ChangeStep.Change(wanted, done);
        }
        return now.furthest(members.voters().stream().filter(voter -> MemberSets.isVoter(wanted, voter.id())))
                .<ChangeStep>map(ChangeStep.HandOver::new)
                .orElseThrow(() -> refuse(
                        Reason.NO_MAJORITY,
                        "'" + name + "' leads, and there is no voter that could lead in its place"));
    }

    private void checkReady(Peer member) {
        if (!now.answers().has(member.id())) {
            throw refuse(Reason.NOT_READY, "'" + name + "' does not answer at " + member.raft() + ": is it up?");
        }
        long lag = now.lag(member.id());
        if (lag > LAG_MAX) {
            throw refuse(
                    Reason.NOT_READY,
                    "'" + name + "' is " + lag
                            + " entries behind. Ask again when it has caught up; 'members' shows how far it is");
        }
    }

    /** Whoever dials an address has to find the one that is meant. */
    private void checkAddresses(Peer newcomer, @Nullable Peer replaced) {
        List<HostPort> own = List.of(newcomer.raft(), newcomer.client());
        members.all()
                .filter(member -> !member.equals(replaced))
                .filter(member -> own.contains(member.raft()) || own.contains(member.client()))
                .findFirst()
                .ifPresent(member -> {
                    throw refuse(
                            Reason.TAKEN,
                            "the newcomer says that it is at " + newcomer.raft() + " and " + newcomer.client()
                                    + ", where member '" + member.id().name() + "' is: correct its address");
                });
    }

    /** @param newcomer who is new in it; it has presented itself just now. {@code null} for nobody */
    private void check(MemberSet wanted, @Nullable Peer newcomer) {
        Answers answers = now.answers().and(Stream.ofNullable(newcomer).map(Peer::id));
        if (answers.spare(members.voters()) < 0) {
            throw refuse(
                    Reason.NO_MAJORITY,
                    "of the " + members.voters().size() + " voters, " + answers.silent(members.voters())
                            + " do not answer, and nothing can be committed without a majority, not even by force. Start them"
                            + " again; if their disks are lost for good, 'holdfast recover' begins anew with a survivor's");
        }
        if (wanted.voters().isEmpty() || answers.spare(wanted.voters()) < 0) {
            throw refuse(
                    Reason.NO_MAJORITY,
                    wanted.voters().isEmpty()
                            ? "'" + name + "' is the only voter, without which there is no cluster"
                            : "of the " + wanted.voters().size() + " voters that there would be, "
                                    + answers.silent(wanted.voters())
                                    + " do not answer. That could not be committed, not even by force: start, replace or remove"
                                    + " those first");
        }
        if (!MemberSets.isOneStep(members, wanted)) {
            throw refuse(
                    Reason.NO_MAJORITY,
                    "half of the voters cannot be changed in one step: add another member first, by a name of its own");
        }
        boolean spareIsGone = answers.spare(wanted.voters()) == 0 && answers.spare(members.voters()) > 0;
        if (spareIsGone && !change.force()) {
            throw refuse(
                    Reason.NO_SPARE,
                    "the cluster would stop as soon as one more voter is lost: it would have "
                            + wanted.voters().size()
                            + ", of which " + (wanted.voters().size() / 2 + 1) + " are needed, and "
                            + (wanted.voters().size()
                                    - answers.silent(wanted.voters()).size())
                            + " answer. Add a member first, or force it");
        }
    }

    private MemberChangeException nobody() {
        return refuse(
                Reason.NO_SUCH_NEWCOMER,
                "nobody presents itself as '" + name
                        + "'. Start it with an empty data folder, holdfast.join = true and the"
                        + " addresses of members; it is listed by 'members' a second later");
    }

    private MemberChangeException noSuchMember(String more) {
        List<String> names =
                members.all().map(Peer::id).map(PeerId::name).sorted().toList();
        return refuse(Reason.NO_SUCH_MEMBER, "there is no member '" + name + "' among " + names + more);
    }

    private static MemberChangeException refuse(Reason reason, String why) {
        return new MemberChangeException(reason, why);
    }
}
