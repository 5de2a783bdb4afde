package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import java.util.function.BooleanSupplier;

/**
 * A change of the members that nobody asked for. Why it is made is looked at again when its turn has come, and what is refused to people is
 * refused to it: it never uses force.
 */
public final class AutomaticChange {
    private interface Plan {
        ChangeStep next(Situation now, int votersMax);
    }

    private final String action;
    private final PeerId about;
    private final String why;
    private final Plan plan;

    private AutomaticChange(String action, PeerId about, String why, Plan plan) {
        this.action = action;
        this.about = about;
        this.why = why;
        this.plan = plan;
    }

    /** The newcomer takes the place of the member of its name, unless that one answers. */
    static AutomaticChange replaceLostDisk(PeerId lost, PeerId newcomer) {
        return new AutomaticChange("replace-lost-disk", newcomer, "", (now, votersMax) -> {
            if (!now.members().has(lost)) {
                return new ChangeStep.Nothing("'" + lost + "' is no member any more");
            }
            if (now.answers().has(lost)) {
                return new ChangeStep.Nothing("'" + lost + "' answers");
            }
            return only(newcomer, Action.REPLACE, now, votersMax);
        });
    }

    /** A listener votes in the place of a voter, unless that one answers. */
    static AutomaticChange giveWay(Peer gone) {
        return new AutomaticChange("replace-after", gone.id(), "", (now, votersMax) -> {
            if (!MemberSets.isVoter(now.members(), gone.id())) {
                return new ChangeStep.Nothing("'" + gone.id() + "' has no vote any more");
            }
            if (now.answers().has(gone.id())) {
                return new ChangeStep.Nothing("'" + gone.id() + "' answers");
            }
            return ChangePlan.giveWay(gone, now, votersMax);
        });
    }

    /**
     * The newcomer becomes a member.
     *
     * @param why it may, for people to read
     * @param may whether it still may
     */
    static AutomaticChange admit(PeerId newcomer, String why, BooleanSupplier may) {
        return new AutomaticChange("join", newcomer, why, (now, votersMax) -> {
            if (!now.members().has(newcomer) && !may.getAsBoolean()) {
                throw new MemberChangeException(
                        Reason.NO_SUCH_NEWCOMER, "the join token of '" + newcomer + "' is not good any more");
            }
            return only(newcomer, Action.ADD, now, votersMax);
        });
    }

    /** By names alone, somebody else might be let in. */
    private static ChangeStep only(PeerId newcomer, Action action, Situation now, int votersMax) {
        if (now.members().has(newcomer)) {
            return new ChangeStep.Nothing("'" + newcomer + "' is a member");
        }
        Peer present = now.newcomer(newcomer.name());
        if (present == null || !present.id().equals(newcomer)) {
            return new ChangeStep.Nothing("'" + newcomer + "' does not present itself any more");
        }
        return ChangePlan.next(MemberChange.of(action, newcomer.name()), now, votersMax);
    }

    /** What it is, in one word. */
    public String action() {
        return action;
    }

    /** Why it is made, for people to read; empty if the action says so. */
    public String why() {
        return why;
    }

    /** The name of the member that it is about. */
    public String name() {
        return about.name();
    }

    /** The peer that it is about. */
    PeerId about() {
        return about;
    }

    /** @throws MemberChangeException if it is refused */
    ChangeStep next(Situation now, int votersMax) {
        return plan.next(now, votersMax);
    }

    @Override
    public String toString() {
        return action + " of " + about;
    }
}
