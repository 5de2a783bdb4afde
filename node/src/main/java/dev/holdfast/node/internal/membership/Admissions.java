package dev.holdfast.node.internal.membership;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Newcomers that say a join token become members by it, one after the other; and each hears why it is not let in, if it is not. */
public final class Admissions implements AutomaticChanges.Duty {
    private final MemberControl control;
    private final JoinDesk desk;

    /** Read by others: whoever meets a newcomer tells it. */
    private final Map<PeerId, String> verdicts = new ConcurrentHashMap<>();

    /** Comes last, lest it keep the others waiting. */
    private @Nullable PeerId refused;

    public Admissions(MemberControl control, JoinDesk desk) {
        this.control = control;
        this.desk = desk;
    }

    /** Why newcomers of that name have not been let in, as far as this peer has judged them. Any thread may ask. */
    public Map<PeerId, String> verdicts(String name) {
        return verdicts.entrySet().stream()
                .filter(verdict -> verdict.getKey().name().equals(name))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Override
    public boolean needsAnswers() {
        return false;
    }

    @Override
    public Optional<AutomaticChange> due(MemberSet members, Silence silence) throws InterruptedException {
        List<Newcomer> newcomers = control.newcomers().stream()
                .filter(newcomer -> !members.has(newcomer.peer().id()))
                .toList();
        List<PeerId> ids =
                newcomers.stream().map(newcomer -> newcomer.peer().id()).toList();
        List<Newcomer> bearers = newcomers.stream()
                .filter(newcomer -> !newcomer.tokenHash().isEmpty())
                .sorted(Comparator.comparing(newcomer -> newcomer.peer().id().equals(refused)))
                .toList();
        verdicts.keySet()
                .retainAll(bearers.stream().map(bearer -> bearer.peer().id()).toList());
        for (Newcomer bearer : bearers) {
            PeerId id = bearer.peer().id();
            String complaint = complaint(bearer, ids, members);
            if (complaint.isEmpty()) {
                verdicts.remove(id);
                return Optional.of(AutomaticChange.admit(
                        id, desk.describe(bearer.tokenHash()), desk.mayCome(id, bearer.tokenHash())));
            }
            verdicts.put(id, complaint);
        }
        return Optional.empty();
    }

    /** A token is not used up by somebody who could not be let in. */
    private String complaint(Newcomer bearer, List<PeerId> newcomers, MemberSet members) throws InterruptedException {
        PeerId id = bearer.peer().id();
        if (members.named(id.name()) != null) {
            return "there is a member '" + id.name()
                    + "' already. A join token is good for a new member only: give this one"
                    + " another name; or if that member's folder is lost, 'holdfast members replace " + id.name() + "'";
        }
        if (!Newcomer.isOnlyOne(id, newcomers)) {
            return "two peers present themselves as '" + id.name()
                    + "': stop one of them, or give it a name of its own";
        }
        return desk.use(id, bearer.tokenHash());
    }

    @Override
    public void refused(AutomaticChange change, String why) {
        refused = change.about();
        verdicts.put(change.about(), "its join token is good, but it cannot be let in now: " + why);
    }

    @Override
    public void rest() {
        verdicts.clear();
    }
}
